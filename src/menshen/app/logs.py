"""Logs: one JSON object a line on standard error, or words on a terminal; never a secret, never a forged line."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from menshen.kit.fault import Fault

QUIET = ("httpx2", "httpx", "litestar", "apscheduler", "alembic", "granian", "aiosmtplib", "mail.log", "dkimpy")
"""Libraries that tell addresses or say too much at INFO."""


def set_up_logs(level: int = logging.INFO) -> None:
    """Send structlog and the libraries' loggers through one renderer; control characters are escaped by it (S-151)."""
    terminal = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_values,
    ]
    renderer = structlog.dev.ConsoleRenderer(colors=terminal) if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer], foreign_pre_chain=shared
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_values(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its kind and where it was raised. Only our own faults keep their sentence: what a library says
    of a wrong value quotes it, and the value may be a password (law 1)."""
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    exception = given[1] if isinstance(given, tuple) else given
    if exception:
        line["exception"] = [told for each in _chain(exception) for told in _told(each)]
    return line


def _chain(exception: BaseException) -> list[BaseException]:
    """The exception and what it came from, innermost first."""
    found: list[BaseException] = []
    at: BaseException | None = exception
    while at is not None and at not in found:
        found.insert(0, at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return found


def _told(exception: BaseException) -> list[str]:
    kind = type(exception)
    sentence = f": {exception}" if isinstance(exception, Fault) else ""
    trace: TracebackType | None = exception.__traceback__
    places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]
    return [f"{kind.__module__}.{kind.__qualname__}{sentence}", *places]
