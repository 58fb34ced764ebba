# SPDX-License-Identifier: GPL-2.0
# Copies programs out of $guest, a folder of unpacked packages, into $root, an
# initramfs, with the libraries that they need. Sourced by bash, after die().
# shellcheck shell=bash disable=SC2154

find_library()
{
	local dir

	for dir in lib/x86_64-linux-gnu usr/lib/x86_64-linux-gnu lib64; do
		if [[ -e $guest/$dir/$1 ]]; then
			printf '%s\n' "$guest/$dir/$1"
			return
		fi
	done
	return 1
}

# Copies a library and all that it needs; the guest has one library folder.
add_library()
{
	local file

	[[ -e $root/lib/$1 ]] && return
	file=$(find_library "$1") || die "no package of the guest's list holds $1"
	cp -L "$file" "$root/lib/$1"
	add_needed "$root/lib/$1"
}

add_needed()
{
	local name

	for name in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		add_library "$name"
	done
}

# add_program PATH: as it stands in $guest.
add_program()
{
	cp -L "$guest$1" "$root/bin/"
	add_needed "$root/bin/${1##*/}"
}
