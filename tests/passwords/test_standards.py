"""The table of standards is computed from the data: change the data and the answer changes."""

import msgspec
import pytest

from menshen.passwords import PROFILE_NAMES, compare, named


def broken(name: str) -> set[tuple[str, str]]:
    return {(line.standard, line.clause) for line in compare().broken(name)}


def test_each_profile_keeps_its_own_standard() -> None:
    own = {
        "classic": "mission",
        "nist-800-63b-4": "NIST SP 800-63B-4",
        "pci-dss-4": "PCI DSS 4.0.1",
        "mlps-3": "GB/T 22239-2019",
    }
    assert [(name, standard) for name, standard in own.items() if any(s == standard for s, _ in broken(name))] == []


def test_modern_keeps_asvs_and_nearly_all_of_nist() -> None:
    assert {clause for standard, clause in broken("modern") if standard == "OWASP ASVS 5.0"} == set()
    assert {clause for standard, clause in broken("modern") if standard == "NIST SP 800-63B-4"} == {"3.1.1.2"}


def test_classic_is_told_what_it_breaks() -> None:
    assert {("OWASP ASVS 5.0", "6.2.5"), ("OWASP ASVS 5.0", "6.2.10"), ("NIST SP 800-63B-4", "3.1.1.2 (5)")} <= broken(
        "classic"
    )


@pytest.mark.parametrize(
    ("section", "field", "value", "clause"),
    [
        ("password", "longest", 40, "6.2.9"),
        ("password", "leaked", False, "6.2.12"),
        ("password", "length_alone", 7, "6.2.1"),
        ("storage", "memory_kib", 8, "11.4.2"),
        ("recovery", "hints", True, "6.4.2"),
    ],
)
def test_a_changed_value_changes_the_answer(section: str, field: str, value: object, clause: str) -> None:
    profile = named("modern")
    laxer = msgspec.structs.replace(getattr(profile, section), **{field: value})
    table = compare([msgspec.structs.replace(profile, **{section: laxer})])
    assert clause in {line.clause for line in table.broken("modern") if line.standard == "OWASP ASVS 5.0"}


def test_the_table_has_an_answer_for_each_profile() -> None:
    table = compare()
    assert table.profiles == PROFILE_NAMES
    assert all(len(line.kept) == len(PROFILE_NAMES) for line in table.lines)
