"""Reads a calendar with two libraries that know nothing of each other and prints what each has understood."""

import json
import sys

import icalendar
import vobject


def first(data):
    calendar = icalendar.Calendar.from_ical(data)
    return [
        {
            "uid": str(event["UID"]),
            "sequence": int(event["SEQUENCE"]),
            "start": event.decoded("DTSTART").isoformat(),
            "end": event.decoded("DTEND").isoformat(),
            "status": str(event["STATUS"]),
            "title": str(event["SUMMARY"]),
            "text": str(event["DESCRIPTION"]),
        }
        for event in calendar.walk("VEVENT")
    ]


def second(data):
    calendar = vobject.readOne(data.decode())
    calendar.validate(raiseException=True)
    return [
        {
            "uid": event.uid.value,
            "sequence": int(event.sequence.value),
            "start": event.dtstart.value.isoformat(),
            "end": event.dtend.value.isoformat(),
            "status": event.status.value,
            "title": event.summary.value,
            "text": event.description.value,
        }
        for event in calendar.contents.get("vevent", [])
    ]


with open(sys.argv[1], "rb") as file:
    content = file.read()
print(json.dumps([first(content), second(content)]))
