# SPDX-License-Identifier: GPL-2.0
# The walls: who may include whom, what may stand where. Each rule prints what
# breaks it as file:line: and what to do. Sourced by tests/lint/check.
# shellcheck shell=bash disable=SC2154	# work is the driver's

rule_top()
{
	local agreed=" .ci .gitignore .shellcheckrc COPYING Documentation Kbuild Makefile README.md module tests userspace "
	local entry

	list_files . | cut -d/ -f1 | sort -u | while read -r entry; do
		[[ $agreed == *" $entry "* ]] ||
			printf '%s:1: the top is for people who look around: move it into a folder\n' "$entry"
	done
}

rule_conditions()
{
	list_files '*.c' | xargs -r grep -nE '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif|else)\b' /dev/null |
		sed 's/$/   <- move the choice into a header (compat.h, env.h)/'
	list_files '*.h' | grep -v '^module/core/env\.h$' |
		xargs -r grep -nE '^[[:space:]]*#.*__KERNEL__' /dev/null |
		sed 's/$/   <- env.h alone knows where the core is compiled/'
}

rule_versions()
{
	list_files '*.c' '*.h' '*Makefile' Kbuild |
		xargs -r grep -nE '(LINUX_VERSION_CODE|KERNEL_VERSION)' /dev/null |
		sed 's/$/   <- have module\/features look for what differs, name it in module\/compat.h/'
}

rule_own_header()
{
	list_files '*.c' | xargs -r grep -Hnm1 '^#include' |
		sed -E 's/^([^:]*)\.c:([0-9]+):[^"<]*["<]([^">]*).*/\1 \2 \3/' |
		while read -r file line name; do
			[[ ! -e $file.h || $name == "${file##*/}.h" ]] ||
				printf '%s.c:%s: include "%s.h" first: it proves that the header stands alone\n' \
					"$file" "$line" "${file##*/}"
		done
}

rule_core_headers()
{
	list_files module/core | grep '\.[ch]$' | grep -v '^module/core/env\.h$' |
		xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include' |
		sed -E 's/^([^:]*):([0-9]+):[^"<]*["<]([^">]*).*/\1 \2 \3/' |
		while read -r file line name; do
			[[ $name == linux/tcphs.h || ( $name != */* && -e module/core/$name ) ]] ||
				printf '%s:%s: the core does not know %s: pass what is needed as an argument\n' \
					"$file" "$line" "$name"
		done
}

# Objects for rule_core_symbols, warnings for people.
rule_core_gcc()
{
	mkdir -p "$work/objects"
	list_files module/core | grep '\.c$' | sed "s|^|$PWD/|" | (cd "$work/objects" &&
		xargs -r gcc -std=gnu11 -O2 -Wall -Wextra -Wconversion -Werror \
			-ffreestanding -fno-stack-protector -I"$OLDPWD/module/uapi" -c) 2>&1 |
		grep -E '(error|warning):|^gcc' | sed "s|$PWD/||"
}

rule_core_clang()
{
	command -v clang >/dev/null || need /clang "clang is not installed" || return
	list_files module/core | grep '\.c$' |
		xargs -r clang -std=gnu11 -Wall -Wextra -Wconversion -Werror \
			-Imodule/uapi -fsyntax-only 2>&1 | grep -E '(error|warning):|^clang'
}

rule_core_symbols()
{
	local symbol where

	[[ -d $work/objects ]] || rule_core_gcc >/dev/null
	nm -A --defined-only "$work"/objects/*.o | awk '{ print $NF }' | sort -u >"$work/defined"
	nm -Au "$work"/objects/*.o | awk '{ print $NF, $1 }' | while read -r symbol where; do
		[[ $symbol =~ ^(mem|str)[a-z]+$ ]] || grep -qx "$symbol" "$work/defined" ||
			printf 'module/core/%s:1: needs %s, which is neither mem*, str* nor of the core\n' \
				"$(basename "${where%%.o:*}").c" "$symbol"
	done
}

# needs FOLDER PATTERN: "room room" for each include by a file of the folder that
# matches the pattern. walk.h is flow's inside, not a room.
list_needs()
{
	list_files "$1" | grep -E "^$1/$2$" | xargs -r grep -HoE '^#include "[^"/]*\.h"' |
		sed -E 's|.*/([^/]*)\.[ch]:#include "(.*)\.h"|\1 \2|; s/\<walk\>/flow/g' |
		while read -r room other; do
			[[ $room == "$other" || ! -e $1/$other.h ]] || printf '%s %s\n' "$room" "$other"
		done
}

# find_loop FOLDER: reads pairs.
find_loop()
{
	tsort 2>&1 >/dev/null |
		sed "s|^tsort: -: input contains a loop:|$1: these need each other:|; s|^tsort: |$1/|"
}

rule_one_way()
{
	local folder

	for folder in module module/core; do
		list_needs "$folder" '[^/]*\.[ch]' | find_loop "$folder"
	done
	list_needs userspace '[^/]*\.h' | find_loop userspace
}

rule_wings()
{
	list_files userspace | grep '\.[ch]$' | xargs -r grep -HnoE '^#include "[^"]*"' |
		sed -E 's/^([^:]*):([0-9]+):#include "(.*)"/\1 \2 \3/' |
		while read -r file line name; do
			[[ $name != */* && ( -e userspace/$name || -e module/core/$name ) ]] ||
				printf '%s:%s: where is %s? In sight are userspace/, module/core/ and the UAPI\n' \
					"$file" "$line" "$name"
		done
	list_files module | grep '\.[ch]$' | xargs -r grep -nE '^#include ".*(userspace|tests)/' /dev/null |
		sed 's/$/   <- the module does not see the reporter/'
}

rule_roof()
{
	list_files module | grep '\.[ch]$' |
		grep -vE '^module/(main|hook|chardev|probe|proc|proc_times|sysctl)\.[ch]$' |
		xargs -r grep -nE '^#include "net\.h"' /dev/null |
		sed 's/$/   <- net.h is a roof: take the table, ring or stats that is needed/'
}

# A command is a file of the reporter that fills a place in the table of tcphs.c.
rule_commands()
{
	local commands file name

	commands=$(list_files userspace | grep '\.c$' | xargs -r grep -lE '^#include "command\.h"' |
		grep -v '^userspace/tcphs\.c$')
	for file in $commands; do
		name=$(basename "${file%.c}")
		[[ -e userspace/$name.h ]] || continue
		list_files userspace | grep '\.[ch]$' | xargs -r grep -nE "^#include \"$name\.h\"" /dev/null |
			sed "s/\$/   <- $name is a command: move what is shared into a room below/"
	done
	list_files userspace | grep '\.[ch]$' | xargs -r grep -nE '^#include "[^"]*\.c"' /dev/null
	list_files userspace | grep '\.h$' | xargs -r grep -nE '^#include "command\.h"' /dev/null |
		sed 's/$/   <- rooms below the commands do not know them/'
}
