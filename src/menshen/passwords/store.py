"""What lies on the shelf beside the code: profiles, word lists and sentences, each read when first asked for."""

import gzip
import tomllib
from functools import cache
from importlib.resources import files

from menshen.passwords.rules.profile import Profile, ProfileFault, read_profile
from menshen.passwords.rules.strength import Lexicon, lexicon_of

SHELF = files("menshen.passwords")
PROFILE_NAMES = ("classic", "modern", "nist-800-63b-4", "pci-dss-4", "mlps-3")
LOCALES = ("zh_CN", "en")


@cache
def profile(name: str) -> Profile:
    """The shipped profile of this name; raises ProfileFault for a name that is not shipped."""
    if name not in PROFILE_NAMES:
        raise ProfileFault(f"no profile {name!r}; there are {', '.join(PROFILE_NAMES)}")
    return read_profile(tomllib.loads(SHELF.joinpath("profiles", f"{name}.toml").read_text("utf-8")))


@cache
def entries(name: str) -> tuple[str, ...]:
    """A shipped list, most frequent first: common, words, english, hanzi or pinyin."""
    packed = SHELF.joinpath("lists", f"{name}.txt.gz").read_bytes()
    return tuple(gzip.decompress(packed).decode().splitlines())


@cache
def lexicon() -> Lexicon:
    """The lists of the estimate with their ranks."""
    return lexicon_of(
        {"common": entries("common"), "word": entries("words"), "hanzi": entries("hanzi"), "pinyin": entries("pinyin")}
    )


@cache
def sentences(locale: str) -> dict[str, str]:
    """Message code to sentence in one language; anything but a language we speak is the first of ours."""
    from babel.messages.pofile import read_po  # only those who show sentences pay for it

    known = locale if locale in LOCALES else LOCALES[0]
    with SHELF.joinpath("texts", f"{known}.po").open("rb") as opened:
        return {str(entry.id): str(entry.string) for entry in read_po(opened) if entry.id}
