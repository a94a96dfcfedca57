"""The wrapping key: a file for its owner alone, or a key that never leaves its HSM."""

import os
import threading
from pathlib import Path

import pytest

from menshen.keys.rules import Settings
from menshen.keys.service import CustodyTrouble, KeyFile, Keys, Pkcs11, custody
from menshen.kit.clock import SetClock
from menshen.kit.database import Database
from menshen.kit.dice import SystemDice
from tests.servers.softhsm import Token


def test_a_key_file_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "new" / "master.key"
    keeper = KeyFile(file, SystemDice())
    assert keeper.create() is True
    written = file.read_bytes()
    assert keeper.create() is False
    assert file.read_bytes() == written
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o602, 0o601])
def test_a_key_file_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    keeper = KeyFile(tmp_path / "master.key", SystemDice())
    keeper.create()
    (tmp_path / "master.key").chmod(mode)
    with pytest.raises(CustodyTrouble, match="chmod 600"):
        keeper.wrap(b"k" * 32, "name")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_key_file_is_refused(tmp_path: Path) -> None:
    keeper = KeyFile(tmp_path / "master.key", SystemDice())
    keeper.create()
    os.chown(tmp_path / "master.key", 12_345, -1)
    with pytest.raises(CustodyTrouble, match="another user"):
        keeper.wrap(b"k" * 32, "name")


def test_a_link_in_place_of_the_key_file_is_refused(tmp_path: Path) -> None:
    KeyFile(tmp_path / "real.key", SystemDice()).create()
    (tmp_path / "master.key").symlink_to(tmp_path / "real.key")
    with pytest.raises(CustodyTrouble, match="cannot be opened"):
        KeyFile(tmp_path / "master.key", SystemDice()).wrap(b"k" * 32, "name")


@pytest.mark.parametrize("text", ["", "hello\n", "menshen-key-1:\n", "menshen-key-1:AAAA\n", "menshen-key-1:%%%%\n"])
def test_a_damaged_key_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "master.key").write_text(text)
    (tmp_path / "master.key").chmod(0o600)
    with pytest.raises(CustodyTrouble, match=r"key file|damaged"):
        KeyFile(tmp_path / "master.key", SystemDice()).wrap(b"k" * 32, "name")


def test_a_wrapped_key_comes_back_under_its_own_name_only(tmp_path: Path) -> None:
    keeper = KeyFile(tmp_path / "master.key", SystemDice())
    keeper.create()
    wrapped = keeper.wrap(b"k" * 32, "one")
    assert keeper.unwrap(wrapped, "one") == b"k" * 32
    with pytest.raises(CustodyTrouble, match="not the key file"):
        keeper.unwrap(wrapped, "two")


def test_another_key_file_opens_nothing(database: Database, tmp_path: Path) -> None:
    clock, dice = SetClock(1), SystemDice()
    Keys(database, clock, dice, KeyFile(tmp_path / "one.key", dice)).establish()
    other = KeyFile(tmp_path / "two.key", dice)
    other.create()
    with pytest.raises(CustodyTrouble, match="not the key file"):
        Keys(database, clock, dice, other).seal("notes.text", "a", "1", b"x")


def test_a_lost_key_file_is_not_made_anew_over_a_ring(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    keys = Keys(database, SetClock(1), SystemDice(), KeyFile(file, SystemDice()))
    keys.establish()
    file.unlink()
    assert keys.establish() is False
    assert not file.exists()


@pytest.fixture
def hsm(softhsm: Token, tmp_path: Path) -> Pkcs11:
    pin = tmp_path / "pin"
    pin.write_text(f"{softhsm.pin}\n")
    pin.chmod(0o600)
    settings = Settings(
        custody="pkcs11", pkcs11_module=str(softhsm.module), pkcs11_token=softhsm.label, pkcs11_pin_file=str(pin)
    )
    made = custody(settings, tmp_path, SystemDice())
    assert isinstance(made, Pkcs11)
    made.create()
    return made


@pytest.mark.server
def test_a_ring_wrapped_by_an_hsm(database: Database, hsm: Pkcs11, softhsm: Token) -> None:
    clock, dice = SetClock(1), SystemDice()
    keys = Keys(database, clock, dice, hsm)
    assert keys.establish() is True
    sealed = keys.seal("notes.text", "a", "1", b"x")
    again = Pkcs11(str(softhsm.module), softhsm.label, "menshen", softhsm.pin, dice)
    assert again.create() is False
    assert Keys(database, clock, dice, again).open("notes.text", "a", "1", sealed) == b"x"


@pytest.mark.server
def test_an_hsm_binds_a_key_to_its_name(hsm: Pkcs11) -> None:
    wrapped = hsm.wrap(b"k" * 32, "one")
    assert b"k" * 32 not in wrapped
    with pytest.raises(CustodyTrouble, match="refused"):
        hsm.unwrap(wrapped, "two")
    assert hsm.unwrap(wrapped, "one") == b"k" * 32


@pytest.mark.server
def test_many_threads_share_the_one_session_of_an_hsm(hsm: Pkcs11) -> None:
    """Several sessions on several threads abort the process; this one is behind a lock."""
    opened: list[bytes] = []

    def work() -> None:
        opened.extend(hsm.unwrap(hsm.wrap(b"k" * 32, "one"), "one") for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [b"k" * 32] * 300


@pytest.mark.server
def test_a_forked_child_opens_a_session_of_its_own(hsm: Pkcs11) -> None:
    wrapped = hsm.wrap(b"k" * 32, "one")
    child = os.fork()
    if child == 0:
        os._exit(0 if hsm.unwrap(wrapped, "one") == b"k" * 32 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert hsm.unwrap(wrapped, "one") == b"k" * 32


@pytest.mark.server
def test_a_wrong_pin_or_token_is_said(hsm: Pkcs11, softhsm: Token) -> None:
    nobody = Pkcs11(str(softhsm.module), "nobody", "menshen", softhsm.pin, SystemDice())
    with pytest.raises(CustodyTrouble, match="nobody"):
        nobody.wrap(b"k" * 32, "one")
    stranger = Pkcs11(str(softhsm.module), softhsm.label, "no-such-key", softhsm.pin, SystemDice())
    with pytest.raises(CustodyTrouble, match="no-such-key"):
        stranger.wrap(b"k" * 32, "one")
