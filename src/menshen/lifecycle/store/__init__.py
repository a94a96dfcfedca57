"""What `lifecycle` keeps: sign-ups and changes on their way, files of customers, the scratch of an import, erasures."""

from menshen.lifecycle.store.rows import TABLES

__all__ = ("TABLES",)
