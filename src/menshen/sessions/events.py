"""What this room can announce."""

from menshen.kit.room import EventCode

STARTED = EventCode("session.started", "A session was opened after all requirements were met.")
ENDED = EventCode("session.ended", "One session was ended by its owner or an operator.")
ALL_ENDED = EventCode("sessions.ended", "All sessions of an account (or all but one) were ended.")
DEVICE_REMEMBERED = EventCode("device.remembered", "A browser was remembered as a known device of an account.")
DEVICE_FORGOTTEN = EventCode("device.forgotten", "A known device was forgotten.")
APP_ADDED = EventCode("app.added", "An origin was registered as an application that people may be sent to.")
APP_REMOVED = EventCode("app.removed", "An origin is no longer registered.")

CODES = (STARTED, ENDED, ALL_ENDED, DEVICE_REMEMBERED, DEVICE_FORGOTTEN, APP_ADDED, APP_REMOVED)
