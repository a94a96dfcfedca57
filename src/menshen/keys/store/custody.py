"""Who keeps the key that wraps the ring: a file outside the database, or an HSM behind PKCS#11."""

import os
import stat
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag

from menshen.keys.rules import KEY_BYTES, NONCE_BYTES, decrypt, encrypt
from menshen.kit.database import Fault
from menshen.kit.dice import Dice

HEADLINE = "menshen-key-1:"
IV_BYTES = 12


class CustodyTrouble(Fault):
    """The key that wraps the ring cannot be had, or does not fit the ring."""


class KeyFile:
    """A key in a file that its owner alone can read."""

    def __init__(self, path: Path, dice: Dice) -> None:
        self._path = path
        self._dice = dice

    def create(self) -> bool:
        """Make the file with a new key, mode 0600; False where there is one, which is never overwritten."""
        path = self._path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(f"{HEADLINE}{b64encode(self._dice.bytes(KEY_BYTES)).decode()}\n")
                file.flush()
                os.fsync(file.fileno())
            # A link, not a rename: it never replaces a file, and a killed set-up leaves a whole key or none.
            os.link(draft, path)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        _keep_name(path.parent)
        return True

    def wrap(self, key: bytes, name: str) -> bytes:
        """Wrap a key of the ring under its name."""
        nonce = self._dice.bytes(NONCE_BYTES)
        return nonce + encrypt(self._key(), nonce, key, name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """The key of that name; raises CustodyTrouble where the file's key is not the one that wrapped it."""
        try:
            return decrypt(self._key(), wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], name.encode())
        except InvalidTag:
            raise CustodyTrouble(
                f"{self._path} is not the key file that this database's key ring was made with"
            ) from None

    def _key(self) -> bytes:
        text = read_private(self._path)
        if not text.startswith(HEADLINE):
            raise CustodyTrouble(f"{self._path} is not a key file: its first line must begin with {HEADLINE}")
        try:
            key = b64decode(text.removeprefix(HEADLINE).strip(), validate=True)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise CustodyTrouble(f"{self._path} is damaged: restore it from where you keep its copy")
        return key


class Pkcs11:
    """A key that never leaves an HSM; one session behind one lock, opened at first use, after any fork.

    The library is initialised without locking of its own: several sessions on several threads crash the process.
    """

    def __init__(self, module: str, token: str, key: str, pin: str, dice: Dice) -> None:
        self._module = module
        self._token = token
        self._label = key
        self._pin = pin
        self._dice = dice
        self._turn = threading.Lock()
        self._session: Any = None
        self._process = 0

    def create(self) -> bool:
        """Make the key in the token, never to be read out; False where there is one."""
        pkcs11 = _pkcs11()
        with self._talk() as session:
            try:
                self._key(session)
            except pkcs11.NoSuchKey:
                session.generate_key(
                    pkcs11.KeyType.AES,
                    KEY_BYTES * 8,
                    label=self._label,
                    store=True,
                    template={pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False},
                )
                return True
        return False

    def wrap(self, key: bytes, name: str) -> bytes:
        """Wrap a key of the ring under its name (AES-256-GCM inside the HSM)."""
        iv = self._dice.bytes(IV_BYTES)
        with self._talk() as session:
            wrapped: bytes = self._key(session).encrypt(key, **_aes_gcm(iv, name))
        return iv + wrapped

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """The key of that name; raises CustodyTrouble where the HSM's key is not the one that wrapped it."""
        with self._talk() as session:
            key: bytes = self._key(session).decrypt(wrapped[IV_BYTES:], **_aes_gcm(wrapped[:IV_BYTES], name))
        return key

    def _key(self, session: Any) -> Any:
        return session.get_key(object_class=_pkcs11().ObjectClass.SECRET_KEY, label=self._label)

    @contextmanager
    def _talk(self) -> Iterator[Any]:
        """The one session, for one caller at a time; after any trouble the next caller opens a new one."""
        pkcs11 = _pkcs11()
        with self._turn:
            try:
                if self._session is None or self._process != os.getpid():
                    self._session = self._open()
                yield self._session
            except pkcs11.NoSuchKey:
                raise CustodyTrouble(
                    f"the token {self._token} holds no key {self._label}: menshen keys establish"
                ) from None
            except pkcs11.PKCS11Error as trouble:
                self._session = None
                said = str(trouble) or type(trouble).__name__
                raise CustodyTrouble(f"the token {self._token} refused: {said}") from None

    def _open(self) -> Any:
        pkcs11 = _pkcs11()
        library = pkcs11.lib(self._module)
        if self._process not in (0, os.getpid()):
            library.reinitialize()  # a child process must not use what its parent initialised
        self._process = os.getpid()
        token = library.get_token(token_label=self._token)
        try:
            return token.open(rw=True, user_pin=self._pin)
        except pkcs11.UserAlreadyLoggedIn:
            return token.open(rw=True)


def _pkcs11() -> Any:
    try:
        import pkcs11
    except ImportError:
        raise CustodyTrouble("an HSM needs the extra `hsm`: pip install 'menshen[hsm]'") from None
    return pkcs11


def _aes_gcm(iv: bytes, name: str) -> dict[str, Any]:
    pkcs11 = _pkcs11()
    return {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": pkcs11.GCMParams(iv, name.encode(), 128)}


def read_private(path: Path) -> str:
    """The text of a file that nobody but its owner, this process, can read; CustodyTrouble otherwise."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as trouble:
        raise CustodyTrouble(f"the key file {path} cannot be opened: {trouble.strerror}") from None
    with open(descriptor, encoding="utf-8", errors="replace") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise CustodyTrouble(f"the key file {path} is not a file")
        if facts.st_uid != os.geteuid():
            raise CustodyTrouble(f"the key file {path} belongs to another user: chown it to the one that runs Menshen")
        if facts.st_mode & 0o077:
            raise CustodyTrouble(f"the key file {path} can be read by others: chmod 600 {path}")
        return file.read()


def _keep_name(folder: Path) -> None:
    """Have the folder's entry on disk too: a ring wrapped by a file that a power cut took is lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
