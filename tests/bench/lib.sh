# SPDX-License-Identifier: GPL-2.0
# What the frame of the bench and its parts share: where results lie, how a part tells a
# figure. Sourced by bash.
# shellcheck shell=bash

bench=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
tree=$(dirname "$(dirname "$bench")")
# shellcheck source=tests/cache.sh
. "$bench/../cache.sh"
# This tree's own folder: another clone does not undo what this one has measured.
bench_cache=$cache/bench-$(printf '%s' "$tree" | sha256sum | cut -c1-8)
mkdir -p "$bench_cache"

# A line of progress.
note()
{
	printf '%s\n' "$*" >&2
}

die()
{
	printf '%s: %s\n' "${0#"$tree/"}" "$*" >&2
	exit 1
}

# figure ID OURS PEER UNIT [REMARK]: a result; PEER is - where there is none.
figure()
{
	printf 'figure\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "${5:-}"
}

# make_plugin NAME: prints the path of QEMU's plugin of that name.
make_plugin()
{
	local plugin=$bench_cache/$1.so source=$bench/$1.c

	[[ $plugin -nt $source && $plugin -nt $bench/plugin.h ]] ||
		gcc -std=gnu11 -Wall -Wextra -Werror -O2 -fPIC -shared -o "$plugin" "$source"
	printf '%s\n' "$plugin"
}
