// Prints the instants of each event of a feed as ical.js (Thunderbird, Nextcloud) reads them: its UID, and seconds since 1970.
// Usage: node read.mjs ICAL_JS FEED END
import { readFileSync } from "node:fs";

const [library, feed, end] = process.argv.slice(2);
const { default: ICAL } = await import(library);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(feed, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
for (const component of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(component), times = [];
  const dates = event.iterator();
  for (let next = dates.next(); next && next.toUnixTime() < Number(end); next = dates.next()) times.push(next.toUnixTime());
  console.log([event.uid, ...times].join(" "));
}
