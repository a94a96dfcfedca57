"""What `lifecycle` can announce, in the past tense."""

from menshen.kit.room import EventCode

EVENTS = (
    EventCode("accounts.import_finished", "A file of customers was brought in; how many came and how many did not."),
    EventCode("accounts.export_written", "Customers were written to a file; how many, and whether with their hashes."),
    EventCode("sign_up.asked", "Somebody asked for an account; whether the address was known is not said."),
    EventCode("sign_up.throttled", "A sign-up was not begun, because its budget was spent."),
    EventCode("sign_up.proven", "The address of a sign-up was proven; there is no account yet."),
    EventCode("sign_up.refused", "A sign-up ended without an account, because its address was taken meanwhile."),
    EventCode("address.asked", "The owner asked for a new address; nothing changed yet."),
    EventCode("address.reverted", "A change of addresses was taken back: sessions ended, a new password is due."),
)
