# SPDX-License-Identifier: GPL-2.0
# Programs that look for faults without running anything: the kernel's coccinelle
# scripts, gcc -fanalyzer, cppcheck. What was clean is remembered by its content, as
# in style.sh. Sourced by tests/lint/check.
# shellcheck shell=bash disable=SC2154	# work is the driver's

# Of the scripts' findings, which are none, and why:
#   minmax	the core has no min() and max(): they are the kernel's
is_no_finding()
{
	[[ $1 == minmax.cocci && $2 == module/core/* ]]
}

# Each script that can report, with the options that stand in it, over the files.
run_coccinelle()
{
	local script options said

	find "$cache/tools/coccinelle" -name '*.cocci' | sort | while read -r script; do
		grep -q '^virtual report' "$script" || continue
		options=$(sed -n 's|^// Options\?: *||p' "$script" | head -n 1)
		# shellcheck disable=SC2086 # the options are words
		spatch --very-quiet -D report --no-show-diff $options --cocci-file "$script" \
			-I module -I module/uapi "$@" 2>"$work/spatch" | grep . |
			while read -r said; do
				is_no_finding "${script##*/}" "${said%%:*}" ||
					printf '%s (%s)\n' "$said" "${script##*/}"
			done
		# What a script's author is told is not ours; what stopped it is.
		grep -E 'Fatal error|exn while|Not_found' "$work/spatch"
	done
}

rule_coccinelle()
{
	local scripts file key said dirty=() keys=()

	need "$cache/tools/coccinelle" "no kernel scripts: 'tests/fetch tools' brings them" || return
	command -v spatch >/dev/null || need /spatch "coccinelle is not installed" || return
	scripts=$({
		find "$cache/tools/coccinelle" -name '*.cocci' | sort | xargs cat
		declare -f is_no_finding run_coccinelle
	} | sha256sum)
	while read -r file; do
		key=$({
			cat "$file"
			echo "$file $scripts"
		} | sha256sum | cut -c1-24)
		is_known coccinelle "$key" && continue
		dirty+=("$file")
		keys+=("$key")
	done < <(list_files 'module/*.c' 'module/*.h')
	[[ ${#dirty[@]} -gt 0 ]] || return 0
	said=$(run_coccinelle "${dirty[@]}")
	if [[ -z $said ]]; then
		for key in "${keys[@]}"; do remember coccinelle "$key"; done
	else
		printf '%s\n' "$said"
	fi
}

libraries()
{
	# shellcheck disable=SC2046 # the names are words
	pkg-config --cflags $(sed -n 's/^packages := //p' userspace/Makefile)
}

# analyze_file FILE: silent if clean. Known by what the preprocessor makes of it.
analyze_file()
{
	local flags=(-std=gnu11 -O2 -D_GNU_SOURCE -Iuserspace -Imodule/uapi -Imodule/core)
	local key said

	read -ra more <<<"$cflags"
	flags+=("${more[@]}")
	key=$({
		gcc "${flags[@]}" -E "$1"
		gcc --version
	} | sha256sum | cut -c1-24)
	is_known fanalyzer "$key" && return
	said=$(gcc "${flags[@]}" -fanalyzer -fdiagnostics-plain-output -c -o /dev/null "$1" 2>&1 |
		grep -E '(warning|error):')
	if [[ -z $said ]]; then
		remember fanalyzer "$key"
	else
		printf '%s\n' "$said"
	fi
}

rule_fanalyzer()
{
	cflags=$(libraries) || need /libraries "the reporter's libraries are not installed" || return
	export cache cflags
	export -f analyze_file is_known remember
	list_files 'userspace/*.c' 'module/core/*.c' |
		xargs -r -P2 -n1 bash -c 'analyze_file "$1"' fanalyzer
}

# Of cppcheck's findings, which are none, and why:
#   jsonline.c	it takes each key for as long as the shortest; loops end at the NUL
no_faults=(--suppress=arrayIndexOutOfBounds:userspace/jsonline.c
	   --suppress=arrayIndexOutOfBoundsCond:userspace/jsonline.c)

rule_cppcheck()
{
	local key said

	command -v cppcheck >/dev/null || need /cppcheck "cppcheck is not installed" || return
	key=$({
		list_files 'userspace/*.[ch]' 'module/core/*.[ch]' module/uapi | xargs cat
		declare -f rule_cppcheck
		echo "${no_faults[@]}"
		cppcheck --version
	} | sha256sum | cut -c1-24)
	is_known cppcheck "$key" && return
	said=$(list_files 'userspace/*.c' 'module/core/*.c' | cppcheck --quiet --std=c11 \
		--enable=warning,performance,portability "${no_faults[@]}" \
		--template='{file}:{line}: {message} ({id})' -D_GNU_SOURCE -D__x86_64__ \
		-Iuserspace -Imodule/uapi -Imodule/core --file-list=- 2>&1)
	if [[ -z $said ]]; then
		remember cppcheck "$key"
	else
		printf '%s\n' "$said"
	fi
}
