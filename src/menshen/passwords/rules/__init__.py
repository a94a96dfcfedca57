"""What makes a password good: frozen values and pure functions; lists and profiles come in as arguments."""
