"""Prints the instants of each event of a feed as python-icalendar and dateutil read them: its UID, and seconds since 1970.

Usage: python read.py FEED END
"""
import io
import sys
from datetime import datetime, timezone

import icalendar
from dateutil import rrule, tz

path, end = sys.argv[1], datetime.fromtimestamp(int(sys.argv[2]), timezone.utc)
with open(path, encoding="utf-8", newline="") as f:
    text = f.read()
zones = tz.tzical(io.StringIO(text.replace("\r\n", "\n")))
for event in icalendar.Calendar.from_ical(text).walk("VEVENT"):
    zone = zones.get(event["DTSTART"].params["TZID"])
    times = []
    for local in rrule.rrulestr(event["RRULE"].to_ical().decode(), dtstart=event["DTSTART"].dt.replace(tzinfo=None)):
        at = tz.resolve_imaginary(local.replace(tzinfo=zone)).astimezone(timezone.utc)
        if at >= end:
            break
        times.append(int(at.timestamp()))
    print(event["UID"], *times)
