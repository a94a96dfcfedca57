"""One-time links and typed codes: made once, kept as keyed hashes, used once."""
