/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a measuring module is spoken to: a line written to its file in /proc is
 * done at once, in the writer's namespace and on its CPU; what came of it is
 * read from the same file. Measures nothing itself.
 */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

#include <asm/msr.h>
#include <linux/proc_fs.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define BENCH_ARGS	6
#define BENCH_LINE	128

/*
 * A word that the file understands; the numbers behind it (absent: 0); where the
 * answer goes. Who has opened the file has an answer of his own.
 */
struct bench_word {
	const char *name;
	int (*run)(const unsigned long *arg, struct seq_buf *answer);
};

struct bench_file {
	struct seq_buf answer;
	char text[512];
};

static const struct bench_word *bench_words;

/* In virtual time, at one nanosecond each, it counts instructions. */
static inline u64 bench_now(void)
{
	return rdtsc_ordered();
}

static int bench_parse(char *line, struct seq_buf *answer)
{
	unsigned long arg[BENCH_ARGS] = { 0 };
	const struct bench_word *word;
	unsigned int n = 0;
	char *name, *text;

	line = strim(line);
	name = strsep(&line, " ");
	while ((text = strsep(&line, " ")))
		if (n == BENCH_ARGS || kstrtoul(text, 0, &arg[n++]))
			return -EINVAL;
	for (word = bench_words; word->name; word++)
		if (!strcmp(word->name, name))
			return word->run(arg, answer);
	return -EINVAL;
}

static int bench_open_file(struct inode *inode, struct file *file)
{
	struct bench_file *bf = kzalloc(sizeof(*bf), GFP_KERNEL);

	file->private_data = bf;
	return bf ? 0 : -ENOMEM;
}

static int bench_release_file(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t bench_write(struct file *file, const char __user *from,
			   size_t count, loff_t *pos)
{
	struct bench_file *bf = file->private_data;
	char line[BENCH_LINE] = "";

	if (count >= sizeof(line) || copy_from_user(line, from, count))
		return -EINVAL;
	seq_buf_init(&bf->answer, bf->text, sizeof(bf->text));
	return bench_parse(line, &bf->answer) ?: count;
}

static ssize_t bench_read(struct file *file, char __user *to, size_t count,
			  loff_t *pos)
{
	struct bench_file *bf = file->private_data;

	return simple_read_from_buffer(to, count, pos, bf->text,
				       seq_buf_used(&bf->answer));
}

static const struct proc_ops bench_ops = {
	.proc_open = bench_open_file,
	.proc_release = bench_release_file,
	.proc_read = bench_read,
	.proc_write = bench_write,
	.proc_lseek = default_llseek,
};

static inline int bench_open(const char *file, const struct bench_word *words)
{
	bench_words = words;
	return proc_create(file, 0600, NULL, &bench_ops) ? 0 : -ENOMEM;
}

static inline void bench_close(const char *file)
{
	remove_proc_entry(file, NULL);
}

#endif /* BENCH_COMMAND_H */
