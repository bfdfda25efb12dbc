#!/bin/sh
# Installs a Python tool (ministack, sam, cfn-lint, checkov, awscli), as pinned in <tool>.txt, into
# a virtual environment of its own in .tools/<tool>: they disagree on what they need. What comes
# must have the hash that stands there, and nothing else comes. Needs Python 3.11.5 or later with
# venv. Does nothing where those versions are there.
set -eu

tool=$1
here=$(cd "$(dirname "$0")" && pwd)
dir=$here/../../.tools/$tool
pin=$here/$tool.txt
python=${PYTHON:-python3}

cmp -s "$pin" "$dir/installed.txt" && exit 0

"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11, 5))' 2>/dev/null || {
	echo "$tool: $python is missing, older than 3.11.5 or without venv (Debian: python3-venv)" >&2
	exit 1
}

rm -rf "$dir"
"$python" -m venv "$dir"
"$dir/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
	--requirement "$pin" >"$dir/install.log" 2>&1 || {
	cat "$dir/install.log" >&2
	echo "$tool: pip could not install it (see above)" >&2
	exit 1
}
cp "$pin" "$dir/installed.txt" # last: an installation that was interrupted is done again
