"""What should not happen, said to whoever keeps the machine; alone here so that telling it costs no import."""


class Fault(Exception):
    """Something that should not happen, with a sentence that says what to do."""
