"""What the key ring can announce; it stands below the journal, so whoever runs its acts writes the row."""

from menshen.kit.room import EventCode

EVENTS = (
    EventCode("keys.rotated", "A new sealing key was made and the sealed values were sealed again under it."),
    EventCode("keys.retired", "A sealing key was retired after a count found nothing sealed under it."),
)
