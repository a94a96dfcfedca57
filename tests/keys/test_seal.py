"""A sealed value opens where it was sealed for and nowhere else, whole or not at all."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from menshen.keys import rules
from menshen.keys.service import KeyFile, Keys, NoRing, SealBroken
from menshen.kit.clock import SetClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from tests.keys.conftest import notes

texts = st.text(max_size=40)
per_example = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(where=texts, account=texts, record=texts, plain=st.binary(max_size=300))
@per_example
def test_what_is_sealed_opens(keys: Keys, where: str, account: str, record: str, plain: bytes) -> None:
    sealed = keys.seal(where, account, record, plain)
    assert keys.open(where, account, record, sealed) == plain
    assert len(sealed) == len(plain) + rules.HEADER_BYTES + rules.TAG_BYTES


@given(first=st.tuples(texts, texts, texts), second=st.tuples(texts, texts, texts))
@per_example
def test_it_opens_in_no_other_place(keys: Keys, first: tuple[str, str, str], second: tuple[str, str, str]) -> None:
    """S-194: also where two places read alike once their parts are joined."""
    sealed = keys.seal(*first, b"hunter2")
    if first == second:
        assert keys.open(*second, sealed) == b"hunter2"
    else:
        with pytest.raises(SealBroken):
            keys.open(*second, sealed)


def test_parts_cannot_be_shifted_from_one_to_the_next(keys: Keys) -> None:
    sealed = keys.seal("notes.text", "ab", "c", b"hunter2")
    with pytest.raises(SealBroken):
        keys.open("notes.text", "a", "bc", sealed)


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
@per_example
def test_one_changed_bit_breaks_it(keys: Keys, place: int, bit: int) -> None:
    sealed = bytearray(keys.seal("notes.text", "a", "1", b"hunter2"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        keys.open("notes.text", "a", "1", bytes(sealed))


@given(short=st.binary(max_size=80))
@per_example
def test_what_was_never_sealed_does_not_open(keys: Keys, short: bytes) -> None:
    with pytest.raises(SealBroken):
        keys.open("notes.text", "a", "1", short)


def test_a_swapped_row_does_not_open(database: Database, keys: Keys, sealed_tables: None) -> None:
    """S-194: whoever writes into the database copies A's sealed value over B's."""
    with database.write() as tx:
        for name in ("a", "b"):
            tx.execute(
                insert(notes).values(
                    id=f"of-{name}", owner=name, text=keys.seal("test_notes.text", name, f"of-{name}", b"x")
                )
            )
    with database.read() as tx:
        of_a = tx.scalar(select(notes.c.text).where(notes.c.id == "of-a"))
    assert keys.open("test_notes.text", "a", "of-a", of_a) == b"x"
    with pytest.raises(SealBroken):
        keys.open("test_notes.text", "b", "of-b", of_a)


def test_the_words_of_a_broken_seal_hold_no_secret(keys: Keys) -> None:
    sealed = keys.seal("notes.text", "a", "1", b"hunter2")
    with pytest.raises(SealBroken) as broken:
        keys.open("notes.text", "b", "1", sealed)
    assert "hunter2" not in str(broken.value)
    assert broken.value.__cause__ is None


def test_xaes_256_gcm_matches_its_published_vectors() -> None:
    """C2SP XAES-256-GCM, test vectors of the specification: both branches of the CMAC subkey."""
    nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX"
    first = rules.encrypt(b"\x01" * 32, nonce, b"XAES-256-GCM", b"")
    second = rules.encrypt(b"\x03" * 32, nonce, b"XAES-256-GCM", b"c2sp.org/XAES-256-GCM")
    assert first.hex() == "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"
    assert second.hex() == "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"


def _seal_many(keys: Keys, results: "multiprocessing.Queue[list[bytes]]") -> None:
    sealed = (rules.parsed(keys.seal("notes.text", "a", "1", b"x")) for _ in range(2_500))
    results.put([seal.nonce for seal in sealed if seal])


def test_forked_workers_never_share_a_nonce(sqlite_url: str, clock: SetClock, key_file: KeyFile) -> None:
    """S-195: 10,000 seals in four workers forked from one that has sealed already."""
    database = Database(sqlite_url)
    keys = Keys(database, clock, SystemDice(), key_file)
    keys.establish()
    keys.seal("notes.text", "a", "1", b"x")
    database.close()
    forked = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[list[bytes]] = forked.Queue()
    workers = [forked.Process(target=_seal_many, args=(keys, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    nonces = [nonce for _ in workers for nonce in results.get(timeout=60)]
    for worker in workers:
        worker.join()
    assert len(nonces) == 10_000
    assert len(set(nonces)) == 10_000


def test_the_database_holds_no_key_in_the_clear(
    sqlite_url: str, clock: SetClock, key_file: KeyFile, tmp_path: Path
) -> None:
    """S-192: neither the sealed words nor any key stands in the database's files."""
    drawn: list[bytes] = []

    class Noted(SystemDice):
        def bytes(self, count: int) -> bytes:
            drawn.append(super().bytes(count))
            return drawn[-1]

    database = Database(sqlite_url)
    keys = Keys(database, clock, Noted(), key_file)
    keys.establish()
    with database.write() as tx:
        notes.create(tx.connection)
        tx.execute(
            insert(notes).values(id="1", owner="a", text=keys.seal("test_notes.text", "a", "1", b"canary-hunter2"))
        )
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("menshen.db*"))
    made = [chance for chance in drawn if len(chance) == rules.KEY_BYTES]
    assert len(made) == 2
    assert not [secret for secret in (*made, b"canary-hunter2") if secret in stored]
    database.close()


def test_keyed_hashes_differ_by_purpose_and_by_where_parts_end(keys: Keys) -> None:
    assert keys.mac("a", b"x") == keys.mac("a", b"x")
    assert len(keys.mac("a", b"x")) == 32
    assert (
        len({keys.mac("a", b"x"), keys.mac("b", b"x"), keys.mac("a", b"xy"), keys.mac("a", b"x", b"y"), keys.mac("a")})
        == 5
    )


def test_processes_share_one_ring(process: Callable[[], Keys]) -> None:
    one, other = process(), process()
    assert other.open("notes.text", "a", "1", one.seal("notes.text", "a", "1", b"x")) == b"x"
    assert one.mac("p", b"x") == other.mac("p", b"x")


def test_a_ring_is_made_once(keys: Keys, sealed_tables: None) -> None:
    assert keys.establish() is False
    assert sorted((key.kind, key.state) for key in keys.status()) == [("mac", "current"), ("seal", "current")]


def test_no_ring_is_said(database: Database, clock: SetClock, key_file: KeyFile) -> None:
    with pytest.raises(NoRing):
        Keys(database, clock, SystemDice(), key_file).seal("notes.text", "a", "1", b"x")


def test_sealing_works_inside_a_transaction(database: Database, process: Callable[[], Keys]) -> None:
    """A ring that has to be read again is read beside the caller's own transaction."""
    unread = process()
    with database.write():
        sealed = unread.seal("notes.text", "a", "1", b"x")
    assert process().open("notes.text", "a", "1", sealed) == b"x"
