// SPDX-License-Identifier: GPL-2.0
/*
 * Stands before libseccomp where valgrind lives in the same process. Loads no
 * filter, and says that it did.
 */
void *seccomp_init(unsigned int action);
int seccomp_rule_add(void *filter, unsigned int action, int call,
		     unsigned int count, ...);
int seccomp_rule_add_array(void *filter, unsigned int action, int call,
			   unsigned int count, const void *args);
int seccomp_load(const void *filter);
void seccomp_release(void *filter);

void *seccomp_init(unsigned int action)
{
	static char filter;

	(void)action;
	return &filter;
}

int seccomp_rule_add(void *filter, unsigned int action, int call,
		     unsigned int count, ...)
{
	(void)filter;
	(void)action;
	(void)call;
	(void)count;
	return 0;
}

int seccomp_rule_add_array(void *filter, unsigned int action, int call,
			   unsigned int count, const void *args)
{
	(void)filter;
	(void)action;
	(void)call;
	(void)count;
	(void)args;
	return 0;
}

int seccomp_load(const void *filter)
{
	(void)filter;
	return 0;
}

void seccomp_release(void *filter)
{
	(void)filter;
}
