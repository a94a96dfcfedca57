"""Menshen: self-hosted customer password management."""
