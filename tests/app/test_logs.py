"""Logs: one object a line, no forged line, no value that an exception quotes."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from tests.app.program import environment

PRINTED = """
import logging
import structlog
from menshen.app.logs import set_up_logs
from menshen.kit.fault import Fault

set_up_logs()
log = structlog.get_logger()
log.info("seen", browser="a\\r\\nb\\x1b[31m", name="林薇")
try:
    int("hidden-word")
except ValueError:
    log.exception("fault")
try:
    try:
        {}["hidden-word"]
    except KeyError as gone:
        raise Fault("the key file is gone: restore it") from gone
except Fault:
    log.exception("fault")
    logging.getLogger("some.library").exception("broke")
logging.getLogger("some.library").warning("said %s", "a\\nb")
logging.getLogger("httpx2").info("GET https://example.com/?token=hidden-word")
log.debug("too quiet")
"""


def written(place: Path) -> list[dict[str, object]]:
    """The lines that this program logs."""
    done = subprocess.run(
        [sys.executable, "-c", PRINTED], cwd=place, env=environment(), capture_output=True, text=True, timeout=90
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_each_line_is_one_object_and_control_characters_are_escaped(tmp_path: Path) -> None:
    """S-151."""
    lines = written(tmp_path)
    assert [line["event"] for line in lines] == ["seen", "fault", "fault", "broke", "said a\nb"]
    assert lines[0]["browser"] == "a\r\nb\x1b[31m"
    assert {line["level"] for line in lines} == {"info", "error", "warning"}
    assert all(str(line["timestamp"]).endswith("Z") for line in lines)


def test_an_exception_is_told_without_the_value_it_quotes(tmp_path: Path) -> None:
    """Seen to fail with structlog's own format of exceptions."""
    lines = written(tmp_path)
    assert "hidden-word" not in json.dumps(lines)
    first, second, third = (line["exception"] for line in lines[1:4])
    assert isinstance(first, list)
    assert first[0] == "builtins.ValueError"
    assert first[1].endswith("in <module>")
    assert isinstance(second, list)
    assert [told for told in second if not told.startswith(" ")] == [
        "builtins.KeyError",
        "menshen.kit.fault.Fault: the key file is gone: restore it",
    ]
    assert third == second


def test_nothing_is_logged_at_a_lower_level_by_the_libraries_that_tell_addresses() -> None:
    from menshen.app.logs import QUIET, set_up_logs

    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        set_up_logs()
        assert {logging.getLogger(name).level for name in QUIET} == {logging.WARNING}
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
