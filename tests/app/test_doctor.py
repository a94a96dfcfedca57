"""The doctor: every check is asked, a broken one is not taken for health, advice alone fails nothing."""

from collections.abc import Callable, Sequence

import msgspec

from menshen.app.doctor import checks, examine, measured
from menshen.kit.room import Check, Finding
from tests.houses import Tested, opened_house


def finding(outcome: str) -> Callable[[], Finding]:
    """A measurement with this outcome."""
    return lambda: Finding(outcome, "seen", "do it")  # type: ignore[arg-type]


def told(asked: Sequence[Check], *, as_json: bool = False) -> tuple[int, list[str]]:
    """The exit code and what is said."""
    said: list[str] = []
    return examine(asked, as_json=as_json, say=said.append), said


def test_a_house_without_mail_and_address_fails_and_is_told_what_to_do(tested_sqlite: Tested) -> None:
    tested_sqlite.data.chmod(0o700)
    code, said = told(checks(tested_sqlite.house))
    text = "\n".join(said)
    assert code == 1
    assert "FAIL         base.address" in text
    assert "do:  set [server] base" in text
    assert any(line.startswith("FAIL") and "mail" in line for line in said)
    assert said[-1] == "Something needs doing."


def test_an_open_data_folder_fails(tested_sqlite: Tested) -> None:
    tested_sqlite.data.chmod(0o755)
    seen = found(tested_sqlite, "data.permissions")
    assert (seen.outcome, seen.advice) == ("FAIL", f"chmod 700 {tested_sqlite.data}")
    tested_sqlite.data.chmod(0o700)
    assert found(tested_sqlite, "data.permissions").outcome == "PASS"


def found(tested: Tested, code: str) -> Finding:
    """What this check finds now."""
    return next(check for check in checks(tested.house) if check.code == code).measure()


def test_the_database_tells_its_version(tested: Tested) -> None:
    assert found(tested, "database.version").outcome == "PASS"


def test_a_key_that_others_can_read_fails(tested_sqlite: Tested) -> None:
    assert found(tested_sqlite, "keys.ring").outcome == "PASS"
    (tested_sqlite.data / "master.key").chmod(0o644)
    with opened_house(str(tested_sqlite.house.foundation.database.url), tested_sqlite.data) as again:
        assert "chmod 600" in found(again, "keys.ring").evidence


def test_a_check_that_breaks_has_not_measured_and_tells_no_value() -> None:
    def broken() -> Finding:
        raise ValueError("hidden-word")

    seen = measured(Check("x", "why", broken))
    assert seen.outcome == "NOT MEASURED"
    assert "hidden-word" not in seen.evidence + seen.advice


def test_advice_alone_fails_nothing() -> None:
    assert told([Check("x", "why", finding("FAIL"), advice_only=True)])[0] == 0
    assert told([Check("x", "why", finding("NOT MEASURED"))])[0] == 0
    assert told([Check("x", "why", finding("PASS"))]) == (
        0,
        ["PASS         x: seen", "             do:  do it", "All is well."],
    )
    assert told([Check("x", "why", finding("FAIL"))])[0] == 1


def test_each_finding_is_one_json_object(tested_sqlite: Tested) -> None:
    _, said = told(checks(tested_sqlite.house), as_json=True)
    for line in said:
        assert set(msgspec.json.decode(line)) == {"code", "why", "outcome", "evidence", "advice"}
    assert len(said) == len(checks(tested_sqlite.house))


def test_codes_of_checks_are_never_two_alike(tested_sqlite: Tested) -> None:
    codes = [check.code for check in checks(tested_sqlite.house)]
    assert sorted(set(codes)) == sorted(codes)
