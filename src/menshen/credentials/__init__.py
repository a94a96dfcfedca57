"""Credentials: stored password hashes, their old formats, history and upgrade, and the hashing lane."""
