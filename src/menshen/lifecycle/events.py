"""What `lifecycle` can announce, in the past tense."""

from menshen.kit.room import EventCode

EVENTS = (
    EventCode("accounts.import_finished", "A file of customers was brought in; how many came and how many did not."),
    EventCode("accounts.export_written", "Customers were written to a file; how many, and whether with their hashes."),
)
