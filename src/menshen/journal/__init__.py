"""The room `journal`: one row per decision, its readers, roll-ups, legal hold and claimed work."""
