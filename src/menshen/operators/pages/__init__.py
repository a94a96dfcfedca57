"""The console: its first page, customers, acts, and the welcome of a new operator."""

from menshen.operators.pages.acting import ActPages
from menshen.operators.pages.console import ConsolePages
from menshen.operators.pages.setup import setup_step
from menshen.operators.pages.telling import Telling
from menshen.operators.pages.welcome import WelcomePages

__all__ = ("ActPages", "ConsolePages", "Telling", "WelcomePages", "setup_step")
