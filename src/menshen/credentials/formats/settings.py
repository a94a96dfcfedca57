"""What a stored hash is made with (salts and costs by name), and the one way a hash is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Value = int | bytes


class BadHash(ValueError):
    """A hash, salt or format that cannot be taken; raised while reading, never while verifying.

    `code` is stable and is the code of the sentence in the room's catalogue (`hash.too_costly`);
    `detail` is for the operator's error file and never holds the hash, salt or password.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


CODES = (
    "hash.format_unknown",
    "hash.malformed",
    "hash.plain_text",
    "hash.recipe",
    "hash.salt_missing",
    "hash.too_costly",
    "hash.unsupported_here",
    "hash.value_missing",
)


class Settings(Mapping[str, Value]):
    """Immutable salts and costs by name; numbers stay numbers, everything else is bytes."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(sorted(values.items()))

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        # Values may be peppers and keys: names only.
        return f"Settings({', '.join(self._values)})"

    def number(self, name: str) -> int:
        """The number called `name`; BadHash when it is absent or no number."""
        value = self._values.get(name)
        if not isinstance(value, int):
            raise BadHash("hash.malformed", f"the setting {name} must be a number")
        return value

    def raw(self, name: str) -> bytes:
        """The bytes called `name`; BadHash when they are absent or a number."""
        value = self._values.get(name)
        if not isinstance(value, bytes):
            raise BadHash("hash.malformed", f"the setting {name} must be text or bytes")
        return value

    def text(self, name: str) -> str:
        """The bytes called `name`, read as UTF-8; BadHash when they are not."""
        try:
            return self.raw(name).decode()
        except UnicodeDecodeError:
            raise BadHash("hash.malformed", f"the setting {name} must be UTF-8") from None

    def extended(self, values: Mapping[str, Value]) -> Settings:
        """These settings with `values` added or replaced."""
        return Settings({**self._values, **values})
