"""Budgets: how often something may be tried, counted in the database before it is checked."""
