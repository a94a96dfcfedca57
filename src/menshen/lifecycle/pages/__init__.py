"""The pages of `lifecycle`: signing up, addresses, details, activity, leaving."""
