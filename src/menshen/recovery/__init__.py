"""Recovery: back into an account whose password is lost, by proof of a known address, and never further than that."""
