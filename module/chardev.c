// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/tcphs: the calls of the UAPI header, each handed to the file's reader.
 * Decides who may open it, and waits; knows nothing of rings or records.
 */
#include "chardev.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "net.h"
#include "reader.h"

/* One open file. Threads and children may share it: one at a time. */
struct tcphs_file {
	struct mutex lock;	/* of the reader */
	struct tcphs_reader *reader;
};

static u64 instance __ro_after_init;

/*
 * A reader sees everybody's connections in the namespace. The device's group
 * is for who runs the machine to grant; root's own grants nothing.
 */
static bool may_open(const struct inode *inode, const struct net *net)
{
	if (ns_capable(net->user_ns, CAP_NET_ADMIN))
		return true;
	return !gid_eq(inode->i_gid, GLOBAL_ROOT_GID) &&
	       in_group_p(inode->i_gid);
}

static int open_file(struct inode *inode, struct file *file)
{
	struct net *net = current->nsproxy->net_ns;
	struct tcphs_file *tf;

	if (!may_open(inode, net))
		return -EPERM;
	tf = kzalloc(sizeof(*tf), GFP_KERNEL_ACCOUNT);
	if (!tf)
		return -ENOMEM;
	mutex_init(&tf->lock);
	tf->reader = tcphs_reader_alloc(&tcphs_net(net)->stream);
	if (!tf->reader) {
		kfree(tf);
		return -ENOMEM;
	}
	file->private_data = tf;
	/* The place is the reader's: there is no reading at an offset. */
	file->f_mode &= ~(FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

static int release_file(struct inode *inode, struct file *file)
{
	struct tcphs_file *tf = file->private_data;

	tcphs_reader_free(tf->reader);
	mutex_destroy(&tf->lock);
	kfree(tf);
	return 0;
}

/* What a CPU is just writing cannot be slept for: it is there in a moment. */
static int wait_a_moment(void)
{
	usleep_range(20, 50);
	return signal_pending(current) ? -ERESTARTSYS : 0;
}

/*
 * Wait, without the lock, until there may be something to read. EPOLLET does not
 * ask again before it waits: EAGAIN is for what the next record will wake.
 */
static int wait_for_more(struct tcphs_file *tf, bool may_sleep)
{
	struct tcphs_reader *reader = tf->reader;

	if (!tcphs_reader_wants_more(reader))
		return wait_a_moment();
	if (!may_sleep)
		return -EAGAIN;
	return wait_event_interruptible(*tcphs_reader_queue(reader),
					!tcphs_reader_wants_more(reader) ||
					tcphs_reader_is_dead(reader));
}

/* Death first: once dead, what there is to read is final. */
static bool is_at_end(const struct tcphs_reader *reader)
{
	return tcphs_reader_is_dead(reader) && !tcphs_reader_has_more(reader);
}

static ssize_t read_file(struct file *file, char __user *buf, size_t count,
			 loff_t *pos)
{
	struct tcphs_file *tf = file->private_data;
	size_t records = count / TCPHS_RECORD_SIZE;
	ssize_t n;
	int err;

	if (!records)
		return count ? -EINVAL : 0;
	for (;;) {
		if (mutex_lock_interruptible(&tf->lock))
			return -ERESTARTSYS;
		n = tcphs_reader_read(tf->reader, buf, records);
		mutex_unlock(&tf->lock);
		if (n)
			return n < 0 ? n : n * TCPHS_RECORD_SIZE;
		if (is_at_end(tf->reader))
			return 0;
		err = wait_for_more(tf, !(file->f_flags & O_NONBLOCK));
		if (err)
			return err;
	}
}

static __poll_t poll_file(struct file *file, poll_table *wait)
{
	const struct tcphs_file *tf = file->private_data;
	__poll_t events = 0;

	poll_wait(file, tcphs_reader_queue(tf->reader), wait);
	if (is_at_end(tf->reader))
		events |= EPOLLHUP;
	if (!tcphs_reader_wants_more(tf->reader))
		events |= EPOLLIN | EPOLLRDNORM;
	return events;
}

static loff_t seek_file(struct file *file, loff_t offset, int whence)
{
	struct tcphs_file *tf = file->private_data;
	loff_t place = 0;

	if (offset)
		return -EINVAL;
	if (mutex_lock_interruptible(&tf->lock))
		return -ERESTARTSYS;
	switch (whence) {
	case SEEK_SET:
		tcphs_reader_rewind(tf->reader);
		break;
	case SEEK_END:
		tcphs_reader_skip(tf->reader);
		break;
	case SEEK_CUR:
		break;
	default:
		place = -EINVAL;
	}
	if (!place)
		place = tcphs_reader_place(tf->reader);
	mutex_unlock(&tf->lock);
	return place;
}

static long get_info(struct tcphs_file *tf, void __user *to)
{
	struct tcphs_info info = {
		.uapi_version = TCPHS_UAPI_VERSION,
		.record_size = TCPHS_RECORD_SIZE,
		.instance = instance,
		.version = TCPHS_VERSION,
	};

	if (mutex_lock_interruptible(&tf->lock))
		return -ERESTARTSYS;
	tcphs_reader_info(tf->reader, &info);
	mutex_unlock(&tf->lock);
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

static long ioctl_file(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TCPHS_IOC_INFO:
		return get_info(file->private_data, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}

static int map_file(struct file *file, struct vm_area_struct *vma)
{
	const struct tcphs_file *tf = file->private_data;

	return tcphs_reader_map(tf->reader, vma);
}

static const struct file_operations file_ops = {
	.owner = THIS_MODULE,
	.open = open_file,
	.release = release_file,
	.read = read_file,
	.poll = poll_file,
	.mmap = map_file,
	.llseek = seek_file,
	.unlocked_ioctl = ioctl_file,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Anybody may try: open_file() decides. */
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tcphs",
	.fops = &file_ops,
	.mode = 0444,
};

/**
 * tcphs_chardev_init() - make the device
 *
 * Context: may sleep; the namespaces are ready. Return: 0 or an error.
 */
int __init tcphs_chardev_init(void)
{
	instance = get_random_u64();
	return misc_register(&device);
}

/**
 * tcphs_chardev_exit() - take it away; no file is open, they hold the module
 */
void tcphs_chardev_exit(void)
{
	misc_deregister(&device);
}
