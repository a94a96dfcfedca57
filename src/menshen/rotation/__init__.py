"""Change at the right time: the reasons to change a password, each with cause, since, until and who."""
