#!/bin/sh
# Builds fakecloud, a strict emulator of AWS (AGPL: a tool of tests, never linked), into
# .tools/fakecloud by cargo. That takes half an hour on two cores, and 245 MB. Does nothing where
# that version is there.
set -eu

version=0.51.0
dir=$(cd "$(dirname "$0")" && pwd)/../../.tools/fakecloud

[ "$(cat "$dir/installed" 2>/dev/null)" = "$version" ] && exit 0

command -v cargo >/dev/null || {
	echo "fakecloud: cargo is missing: install Rust" >&2
	exit 1
}
mkdir -p "$dir"
cargo install fakecloud --version "$version" --locked --root "$dir"
echo "$version" >"$dir/installed" # last: a build that was interrupted is done again
