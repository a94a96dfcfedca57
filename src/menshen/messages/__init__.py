"""Messages to people: written with the decision that causes them, sent from an outbox until they arrive or expire."""
