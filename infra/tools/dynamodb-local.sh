#!/bin/sh
# Installs DynamoDB Local, as pinned in dynamodb-local.xml, into .tools/dynamodb-local
# by Maven. Needs Java 17 and Maven. Does nothing where that version is there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dir=$here/../../.tools/dynamodb-local
pin=$here/dynamodb-local.xml

cmp -s "$pin" "$dir/installed.xml" && exit 0

for tool in java mvn; do
	command -v "$tool" >/dev/null || {
		echo "dynamodb-local: $tool is missing: install Java 17 and Maven" >&2
		exit 1
	}
done

rm -rf "$dir"
mkdir -p "$dir"
mvn --batch-mode --quiet --file "$pin" \
	dependency:copy-dependencies -DoutputDirectory="$dir" >"$dir/install.log" 2>&1 || {
	cat "$dir/install.log" >&2
	echo "dynamodb-local: Maven could not fetch it (see above)" >&2
	exit 1
}
cp "$pin" "$dir/installed.xml" # last: an installation that was interrupted is done again
