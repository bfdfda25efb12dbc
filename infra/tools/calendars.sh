#!/bin/sh
# Installs three programs that read calendars into .tools/calendars: ical.js by npm,
# python-icalendar with dateutil by pip, and ical4j by Maven, as pinned in
# infra/calendars/package-lock.json, calendars.txt and ical4j.xml. Does nothing where
# they are there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dir=$here/../../.tools/calendars
pins="$here/calendars.txt $here/ical4j.xml $here/../calendars/package-lock.json"

cat $pins | cmp -s - "$dir/installed" && exit 0

for tool in node npm java mvn; do
	command -v "$tool" >/dev/null || {
		echo "calendars: $tool is missing: install Node 20, Java 17 and Maven" >&2
		exit 1
	}
done

"$here/python-tool.sh" calendars
cp "$here/../calendars/package.json" "$here/../calendars/package-lock.json" "$dir/"
(cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund --silent)
rm -rf "$dir/jars"
mvn --batch-mode --quiet --file "$here/ical4j.xml" \
	dependency:copy-dependencies -DoutputDirectory="$dir/jars" >"$dir/install.log" 2>&1 || {
	cat "$dir/install.log" >&2
	echo "calendars: Maven could not fetch ical4j (see above)" >&2
	exit 1
}
cat $pins >"$dir/installed" # last: an installation that was interrupted is done again
