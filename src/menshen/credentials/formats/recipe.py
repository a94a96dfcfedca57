"""Described hashes: what the functions of the notation mean, how much they may work, what they give.

Functions take and give raw bytes; PHP's and MySQL's hex habit is written out: `md5(hex(md5(password)) + salt)`.

    md5 sha1 sha224 sha256 sha384 sha512 sm3 (value)      digests
    hmac_md5 ... hmac_sm3 (key, message)                  keyed digests
    hex base64 unhex unbase64 lower upper utf16le (value) encodings
    cut(value, start, stop)                               some of the bytes
    repeat(times, start, step)                            step again and again; `last` is the result so far
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
from collections.abc import Callable, Mapping

from menshen.credentials.formats import limits
from menshen.credentials.formats.notation import Call, Join, Literal, Name, Node, Number, masked, names, read, write
from menshen.credentials.formats.schemes import Scheme
from menshen.credentials.formats.settings import BadHash, Settings

DIGEST_SIZES = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64, "sm3": 32}
OUTSIDE_NAMES = frozenset({"salt", "user", "external_id", "pepper"})
_HMAC = "hmac_"
_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "hex": lambda value: value.hex().encode(),
    "base64": base64.b64encode,
    "unhex": lambda value: bytes.fromhex(value.decode("ascii")),
    "unbase64": lambda value: base64.b64decode(value, validate=True),
    # Bytes, not characters: only ASCII letters change, as in the databases these recipes come from.
    "lower": bytes.lower,
    "upper": bytes.upper,
    "utf16le": lambda value: value.decode("utf-8").encode("utf-16-le"),
}
_OUTER_ENCODINGS = frozenset({"hex", "base64", "lower", "upper"})
LEAST_DIGEST = 8


def compute(node: Node, values: Mapping[str, bytes]) -> bytes:
    """The bytes that the tree gives for these values; call `check` on the tree once before."""
    match node:
        case Name(text):
            return values[text]
        case Literal(text):
            return text.encode()
        case Join(parts):
            return b"".join(compute(part, values) for part in parts)
        case Call("repeat", (Number(times), start, step)):
            last = compute(start, values)
            for _ in range(times):
                last = compute(step, {**values, "last": last})
            return last
        case Call("cut", (value, Number(start_at), Number(stop_at))):
            return compute(value, values)[start_at:stop_at]
        case Call(function, arguments):
            return _call(function, [compute(argument, values) for argument in arguments])
        case _:
            raise BadHash("hash.recipe", "a number stands where bytes are needed")


def _call(function: str, arguments: list[bytes]) -> bytes:
    if function in DIGEST_SIZES:
        return hashlib.new(function, arguments[0], usedforsecurity=False).digest()
    if function.startswith(_HMAC):
        return hmac.digest(arguments[0], arguments[1], function.removeprefix(_HMAC))
    return _ENCODINGS[function](arguments[0])


def wanted(node: Node) -> frozenset[str]:
    """The values that must be given beside the password."""
    return names(node) - {"password", "last"}


@functools.lru_cache(maxsize=64)
def check(node: Node) -> None:
    """Nothing when the tree is sound and bounded; BadHash saying what is wrong otherwise."""
    if "password" not in names(node):
        raise BadHash("hash.recipe", "the password does not occur")
    check_value(node, OUTSIDE_NAMES | {"password"})


def check_value(node: Node, known: frozenset[str] = OUTSIDE_NAMES) -> None:
    """As `check`, for an expression of these names only, such as `unhex(salt)`."""
    _check_part(node, known)
    limits.within("the count of steps", _work(node), 0, limits.MOST_RECIPE_CALLS)


def _check_part(node: Node, known: frozenset[str]) -> None:
    match node:
        case Name(text) if text not in known:
            raise BadHash("hash.recipe", f"there is no value called {text}")
        case Number():
            raise BadHash("hash.recipe", "a number stands where bytes are needed")
        case Join(parts):
            for part in parts:
                _check_part(part, known)
        case Call("repeat", (Number(), start, step)):
            _check_part(start, known)
            if size_of(step) is None:
                # Otherwise the value could grow with every round.
                raise BadHash("hash.recipe", "what is repeated must end in a digest")
            _check_part(step, known | {"last"})
        case Call("cut", (value, Number(start_at), Number(stop_at))) if start_at < stop_at:
            _check_part(value, known)
        case Call(function, arguments):
            _check_call(function, len(arguments))
            for argument in arguments:
                _check_part(argument, known)
        case _:
            pass


def _check_call(function: str, given: int) -> None:
    wanted = 2 if function.startswith(_HMAC) else 1
    digest = function.removeprefix(_HMAC)
    if function not in _ENCODINGS and digest not in DIGEST_SIZES:
        raise BadHash("hash.recipe", f"{function} is no function, or not with these arguments")
    if given != wanted:
        raise BadHash("hash.recipe", f"{function} takes {wanted}, not {given}")
    if digest in DIGEST_SIZES and digest not in hashlib.algorithms_available:
        raise BadHash("hash.unsupported_here", f"this machine's OpenSSL has no {digest}")


def _work(node: Node) -> int:
    """Calls, each counted once more for every 2 KiB that it may be given."""
    match node:
        case Join(parts):
            return sum(_work(part) for part in parts)
        case Call("repeat", (Number(times), start, step)):
            return _work(start) + times * _work(step)
        case Call(_, arguments):
            taken = sum(_reach(argument) for argument in arguments)
            limits.within("the length of a value", taken, 0, limits.MOST_RECIPE_BYTES)
            return 1 + taken // 2048 + sum(_work(argument) for argument in arguments)
        case _:
            return 0


def _reach(node: Node) -> int:
    """The most bytes that the tree can give: without a bound, `hex` in `hex` in `hex` would fill the memory."""
    size = size_of(node)
    match node:
        case _ if size is not None:
            return size
        case Name():
            return max(limits.MOST_VALUE_BYTES, limits.MOST_PASSWORD_BYTES)
        case Literal(text):
            return len(text.encode())
        case Join(parts):
            return sum(_reach(part) for part in parts)
        case Call(_, arguments):
            # No encoding does more than double its text.
            return 2 * sum(_reach(argument) for argument in arguments)
        case _:
            return 0


@functools.lru_cache(maxsize=256)
def size_of(node: Node) -> int | None:
    """How many bytes the tree gives, when it ends in a digest (perhaps encoded or cut)."""
    match node:
        case Call("repeat", (_, _, step)):
            return size_of(step)
        case Call("cut", (value, Number(start), Number(stop))):
            inner = size_of(value)
            return None if inner is None else max(0, min(stop, inner) - start)
        case Call("hex", (value,)):
            inner = size_of(value)
            return None if inner is None else 2 * inner
        case Call("base64", (value,)):
            inner = size_of(value)
            return None if inner is None else (inner + 2) // 3 * 4
        case Call("lower" | "upper", (value,)):
            return size_of(value)
        case Call(function, _):
            return DIGEST_SIZES.get(function.removeprefix(_HMAC))
        case _:
            return None


def without_outer_encoding(node: Node) -> Node:
    """The tree less the hex or base64 around it, which only tells how the stored text is spelt."""
    while isinstance(node, Call) and node.function in _OUTER_ENCODINGS and len(node.arguments) == 1:
        node = node.arguments[0]
    return node


def _digest(settings: Settings, password: bytes) -> bytes:
    values = {name: value for name, value in settings.items() if isinstance(value, bytes)}
    return compute(_tree(settings), {**values, "password": password})


def _check_settings(settings: Settings) -> None:
    node = _tree(settings)
    check(node)
    missing = wanted(node) - set(settings)
    if missing or (size_of(node) or 0) < LEAST_DIGEST:
        raise BadHash("hash.recipe", "it ends in no digest, or a value that it needs is missing")


def _tree(settings: Settings) -> Node:
    return read(settings.text("recipe"))


def disguised(text: str) -> str:
    """A stored description without the secrets that may stand in it."""
    return write(masked(read(text)))


RECIPE = Scheme(_digest, _check_settings, lambda settings: size_of(_tree(settings)) or 0)
