"""Sessions: who is signed in, on which device, how strongly, and the end of it."""
