#!/bin/sh
# Installs ministack, as pinned in ministack.txt, into a virtual environment in
# .tools/ministack. Needs Python 3.10 or later with venv. Does nothing where those versions are there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dir=$here/../../.tools/ministack
pin=$here/ministack.txt
python=${PYTHON:-python3}

cmp -s "$pin" "$dir/installed.txt" && exit 0

"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || {
	echo "ministack: $python is missing, older than 3.10 or without venv (Debian: python3-venv)" >&2
	exit 1
}

rm -rf "$dir"
"$python" -m venv "$dir"
"$dir/bin/pip" install --quiet --disable-pip-version-check --requirement "$pin" >"$dir/install.log" 2>&1 || {
	cat "$dir/install.log" >&2
	echo "ministack: pip could not install it (see above)" >&2
	exit 1
}
cp "$pin" "$dir/installed.txt" # last: an installation that was interrupted is done again
