"""A hardware security module in software (SoftHSM2), with one token in a private folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.programs import folder, program, run, unavailable

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


@dataclass(frozen=True)
class Token:
    """What an operator would be given: the library, the token's label and its PIN."""

    module: Path
    label: str
    pin: str
    settings: Path
    """The file that SOFTHSM2_CONF names; it is set for this process and its children."""


@pytest.fixture(scope="session")
def softhsm() -> Iterator[Token]:
    """An initialised token; one a session, since the library reads its settings once a process."""
    module = next((Path(path) for path in MODULES if Path(path).exists()), None)
    tool = program("softhsm2-util", "softhsm2")
    if module is None:
        unavailable("libsofthsm2.so is not installed: apt-get install softhsm2")
    with folder("softhsm") as place, pytest.MonkeyPatch.context() as patch:
        (place / "tokens").mkdir(mode=0o700)
        settings = place / "softhsm2.conf"
        settings.write_text(
            f"directories.tokendir = {place / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        patch.setenv("SOFTHSM2_CONF", str(settings))
        token = Token(module, "menshen-test", "482913", settings)
        pins = ["--pin", token.pin, "--so-pin", "73519284"]
        run([tool, "--init-token", "--free", "--label", token.label, *pins], env=dict(os.environ))
        yield token
