"""The verbs of `lifecycle`: customers come in, are taken out, and leave."""
