# SPDX-License-Identifier: GPL-2.0
# Documentation/robustness.md and the tests that name its rows ("row E1", "rows
# E3 E4") say the same. Sourced by tests/lint/check.
# shellcheck shell=bash disable=SC2154	# work is the driver's

# "ROW TEST FILE" for each row that a test names. A script goes by its bare
# name, another test by its path below tests/.
list_named()
{
	list_files tests | grep -vE '^tests/(lint/|unit/cases/README)|\.(md|awk)$|/corpus/' |
		xargs -r grep -HoE '\brows?:? ([A-Z][0-9]+\b ?)+' |
		sed -E 's/:rows?:? /:/' | while IFS=: read -r file rows; do
			name=${file#tests/}
			name=${name#unit/cases/}
			name=${name/#vm\/scenarios/vm}
			name=${name%.*}
			for row in $rows; do
				printf '%s %s %s\n' "$row" "$name" "$file"
			done
		done | sort -u
}

# "ROW TEST LINE" for each test that the page lists; "ROW - LINE" for the row.
list_listed()
{
	awk -F'|' '/^\| [A-Z][0-9]+ \|/ {
		row = $2
		gsub(/ /, "", row)
		print row, "-", FNR
		n = split($4, part, "`")
		for (i = 2; i <= n; i += 2)
			print row, part[i], FNR
	}' Documentation/robustness.md
}

rule_rows()
{
	local page=Documentation/robustness.md row name file line

	list_named >"$work/named"
	list_listed >"$work/listed"
	awk '$2 != "-" { print $1 }' "$work/listed" | sort -u >"$work/covered"
	awk '$2 == "-" && seen[$1]++ { print $1, $3 }' "$work/listed" |
		sed "s|\(.*\) \(.*\)|$page:\2: row \1 stands here a second time|"
	awk '$2 == "-" { print $1, $3 }' "$work/listed" | while read -r row line; do
		grep -qx "$row" "$work/covered" ||
			printf '%s:%s: no test is named for row %s\n' "$page" "$line" "$row"
	done
	awk '$2 != "-"' "$work/listed" | while read -r row name line; do
		grep -qF "$row $name " "$work/named" ||
			printf '%s:%s: row %s: %s does not name it, or is none\n' \
				"$page" "$line" "$row" "$name"
	done
	while read -r row name file; do
		grep -qF "$row $name " "$work/listed" ||
			printf '%s:1: names row %s, but %s does not list %s there\n' \
				"$file" "$row" "$page" "$name"
	done <"$work/named"
}
