# SPDX-License-Identifier: GPL-2.0
# Style: licence lines, leftovers, checkpatch, sparse, shellcheck. What was
# clean is remembered in the cache by its content, so that only what changed
# is looked at again. Sourced by tests/lint/check.
# shellcheck shell=bash

# need FILE WHY: for "need ... || return"; a rule that returns 2 is skipped.
need()
{
	[[ -e $1 ]] || {
		printf '%s\n' "$2"
		return 2
	}
}

# Everything that people wrote, but prose and data.
list_sources()
{
	list_files . | grep -vE '\.(md|json|png|svg|pcap|pcapng|txt)$|/corpus/|(^|/)(README|COPYING)$'
}

# The first line, or the second after #!; then a comment of four words or more.
rule_spdx()
{
	list_sources | xargs -r awk '
		FNR == 1 { licence = 0; sentence = FILENAME ~ /^Documentation\// }
		FNR == 1 && /^#!/ { next }
		FNR <= 2 && !licence {
			if (!/SPDX-License-Identifier: [A-Z]/)
				print FILENAME ":1: the first line is SPDX-License-Identifier: GPL-2.0"
			licence = 1
			next
		}
		/^"""/ { docstring = FNR }
		FNR <= 4 && NF > 3 && (/^[ \t]*(\*|\/[*\/]|#[^a-z]|<!--|""")/ || docstring == FNR - 1) {
			sentence = 1
		}
		FNR == 4 && !sentence { print FILENAME ":2: say in one sentence what this file is for" }'
}

rule_leftovers()
{
	list_sources | xargs -r grep -nwE 'TO''DO|FIX''ME|X''XX' /dev/null |
		sed 's/$/   <- do it, or say why not where the reader looks for it/'
}

# is_known KIND KEY; remember KIND KEY: what was found clean.
is_known()
{
	[[ -e $cache/lint/$1-$2 ]]
}

remember()
{
	mkdir -p "$cache/lint"
	: >"$cache/lint/$1-$2"
}

# What checkpatch says of kernel code that is none: macros, types and words
# that exist in the kernel only; names that libraries chose.
not_kernel=ARRAY_SIZE,PREFER_DEFINED_ATTRIBUTE_MACRO,NEW_TYPEDEFS,VOLATILE,CAMELCASE
not_kernel+=,PREFER_KERNEL_TYPES,CONSIDER_KSTRTO,SSCANF_TO_KSTRTO,STRLCPY,STRNCPY,STRCPY
not_kernel+=,PREFER_PR_LEVEL,PRINTK_WITHOUT_KERN_LEVEL,ENOSYS,AVOID_EXTERNS,IS_ENABLED_CONFIG
not_kernel+=,STRING_FRAGMENTS,ALLOC_WITH_MULTIPLY

# checkpatch_file FILE: silent if clean.
checkpatch_file()
{
	local file=$1 ignore=FILE_PATH_CHANGES key said

	[[ $file == module/* ]] || ignore+=,$not_kernel
	key=$(cat "$file" "$checkpatch" <(echo "$ignore") | sha256sum | cut -c1-24)
	is_known checkpatch "$key" && return
	said=$(cd "$(dirname "$checkpatch")" && perl ./checkpatch.pl --no-tree --strict --terse \
		--show-types --ignore "$ignore" -f "$tree/$file" 2>/dev/null | grep -v '^total:')
	if [[ -z $said ]]; then
		remember checkpatch "$key"
	else
		printf '%s\n' "${said//"$tree/"/}"
	fi
}

rule_checkpatch()
{
	export checkpatch=$cache/tools/checkpatch.pl tree=$PWD cache not_kernel
	need "$checkpatch" "no checkpatch: 'tests/fetch tools' brings it" || return
	export -f checkpatch_file is_known remember
	list_files '*.c' '*.h' | xargs -r -P2 -n1 bash -c 'checkpatch_file "$1"' checkpatch
}

# The VM's build of the module, looked at again with sparse (C=2: every file).
sparse_module()
{
	local kernel=$1 key module copy said

	need "$cache/kernel-$kernel/build" "no headers of $kernel: 'tests/fetch kernel-$kernel' brings them" || return
	command -v sparse >/dev/null || need /sparse "sparse is not installed" || return
	key=$(list_files module Kbuild | xargs cat "$cache/kernel-$kernel/release" | sha256sum | cut -c1-24)
	is_known "sparse-$kernel" "$key" && return
	module=$(tests/vm/build "$kernel" 2>&1) || {
		printf '%s\n' "$module"
		return 1
	}
	copy=$(dirname "$module")
	# The flags are the build's own: nothing is compiled again.
	said=$(flock "$copy.lock" make -k -C "$cache/kernel-$kernel/build" M="$copy" \
		W=1 KCFLAGS=-Werror C=2 tcphs.o 2>&1 |
		grep -E '(warning|error):' | sed "s|$copy/||")
	if [[ -z $said ]]; then
		remember "sparse-$kernel" "$key"
	else
		printf '%s\n' "$said"
	fi
}

rule_sparse_6_1()
{
	sparse_module 6.1
}

rule_sparse_6_12()
{
	sparse_module 6.12
}

rule_shellcheck()
{
	local file key said

	command -v shellcheck >/dev/null || need /shellcheck "shellcheck is not installed" || return
	list_sources | while read -r file; do
		[[ $file == *.sh ]] || head -n 1 "$file" | grep -qE '^#!/bin/(ba)?sh' || continue
		key=$(cat "$file" <(shellcheck --version) | sha256sum | cut -c1-24)
		is_known shellcheck "$key" && continue
		said=$(shellcheck -x -f gcc -e SC1090,SC1091 "$file")
		if [[ -z $said ]]; then
			remember shellcheck "$key"
		else
			printf '%s\n' "$said"
		fi
	done
}
