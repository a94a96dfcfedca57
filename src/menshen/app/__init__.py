"""The roof: puts all rooms together, and serves, migrates, checks and shows them."""
