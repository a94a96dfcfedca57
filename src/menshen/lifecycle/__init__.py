"""How customers come and go: sign-up, bringing them in from another system, taking them out, closing."""
