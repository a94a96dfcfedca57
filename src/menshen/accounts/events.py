"""What `accounts` can announce, in the past tense."""

from menshen.kit.room import EventCode

EVENTS = (
    EventCode("account.created", "An account was created, by sign-up, by an operator or by an invitation."),
    EventCode("account.imported", "An account was brought in from a file of the company."),
    EventCode("account.activated", "An invited account was taken up by its owner."),
    EventCode(
        "account.suspended", "An operator suspended the account: its sessions ended, its waiting messages were dropped."
    ),
    EventCode("account.resumed", "An operator lifted a suspension."),
    EventCode("account.locked", "The account was locked after too many wrong tries, or by an operator."),
    EventCode("account.unlocked", "A lock was lifted."),
    EventCode("account.closing", "The owner asked to close the account; it can still be called back."),
    EventCode("account.closing_cancelled", "The owner called the closing back."),
    EventCode(
        "account.erased", "Everything that tells of the person was erased; the account id remains as a pseudonym."
    ),
    EventCode("account.epoch_raised", "All authority given out before this moment ended."),
    EventCode("account.must_change", "The owner has to change the password; the cause is named."),
    EventCode("account.must_change_cleared", "The reason to change the password fell away."),
    EventCode("account.method_added", "A way of signing in was added."),
    EventCode("account.method_removed", "A way of signing in was removed."),
    EventCode("identifier.added", "An address, number or user name was added to the account, not yet proven."),
    EventCode("identifier.verified", "The owner proved to hold the address or number."),
    EventCode("identifier.removed", "An address, number or user name was removed."),
    EventCode("identifier.replaced", "An address, number or user name was replaced by another."),
    EventCode("identifier.displaced", "An unproven address fell away because its true owner proved it elsewhere."),
    EventCode("profile.changed", "Name, language or time zone changed."),
    EventCode("fact.recorded", "A personal fact was recorded, sealed; its kind is named, never its value."),
    EventCode("fact.removed", "A personal fact was removed."),
    EventCode("group.joined", "The account was put into a group."),
    EventCode("group.left", "The account was taken out of a group."),
    EventCode("consent.given", "The owner agreed to a version of a document."),
    EventCode("consent.withdrawn", "The owner withdrew a consent."),
)
