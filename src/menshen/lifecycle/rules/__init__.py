"""Pure rules of `lifecycle`: what a line of an import file means, and how cells of a table are kept harmless."""
