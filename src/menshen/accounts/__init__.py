"""People: how they are named, how they stand, which groups they belong to, what they told us and agreed to."""
