"""The law book: profiles and their versions, which group has which, and what each permission demands."""
