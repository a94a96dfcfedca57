"""Logs: one JSON object a line on standard error, or words on a terminal; never a secret, never a forged line."""

import logging
import sys
from typing import Any

import structlog

QUIET = ("httpx2", "httpx", "litestar", "apscheduler", "alembic", "granian", "aiosmtplib", "mail.log", "dkimpy")
"""Libraries that tell addresses or say too much at INFO."""


def set_up_logs(level: int = logging.INFO) -> None:
    """Send structlog and the libraries' loggers through one renderer; control characters are escaped by it (S-151)."""
    terminal = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
