# SPDX-License-Identifier: GPL-2.0
# Passes on the kernel's log but for KCSAN's reports of races that are not tcphs'. They
# are, if one of the two accesses is its own, or both are made by what it calls. What
# an interrupt or a softirq does that came upon it is not its doing.

/=================/ {
	if (!is_open) {
		is_open = 1
		is_race = is_own = stacks = callers = 0
		report = $0
		next
	}
	is_open = 0
	if (!is_race || is_own || callers == stacks)
		print report "\n" $0
	else
		elsewhere++
	next
}

is_open {
	report = report "\n" $0
	if (/BUG: KCSAN/)
		is_race = 1
	else if (/BUG|WARNING|Oops/)	# another's word in between
		is_own = 1
	else if (/ bytes by /) {
		stacks++
		frames = is_behind = is_caller = 0
	} else if (/\+0x[0-9a-f]+\/0x/ && !is_behind) {
		is_behind = /softirq|irq_exit|sysvec_/
		if (/\[tcphs\]/ && !is_caller) {
			is_caller = 1
			callers++
		}
		if (/\[tcphs\]/ && !frames)
			is_own = 1
		frames++
	}
	next
}

{ print }

END {
	if (is_open)
		print report
	if (elsewhere)
		print elsewhere " races elsewhere in the kernel"
}
