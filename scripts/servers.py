"""Sees to the Debian packages with the real servers of the tests: root gets them, others are told at once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVERS = {
    "softhsm2": "softhsm2-util",
    "opensc": "pkcs11-tool",
    "postfix": "postfix",
    "nginx-light": "nginx",
    "oathtool": "oathtool",
    "uidmap": "newuidmap",
}
"""Debian's package -> a program in it. Only root can install these; with uidmap, others may start postfix."""

BROWSER = {"chromium": "chromium", "fonts-wqy-zenhei": "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"}
"""The browser with its Chinese letters; without root, the tests take a browser from npm."""

NO_START = Path("/usr/sbin/policy-rc.d")
"""Debian asks this file whether a freshly installed server may start; the tests start their own."""


def main() -> None:
    """Install what is missing, or say it in one line and stop."""
    missing = [package for package, sign in (SERVERS | BROWSER).items() if not present(sign)]
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing)
    elif any(package in SERVERS for package in missing):
        sys.exit(f"the tests start real servers; once, as root: apt-get install {' '.join(missing)}")
    else:
        print(f"not installed: {' '.join(missing)}; the tests take their browser from npm", flush=True)


def present(sign: str) -> bool:
    """Whether a program or a file is there; servers lie where an ordinary user's PATH does not look."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return shutil.which(sign, path=path) is not None or (sign.startswith("/") and Path(sign).exists())


def install(packages: list[str]) -> None:
    """Install without a question and without starting anything."""
    print(f"installing {' '.join(packages)} ...", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with unstarted():
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", *command]
            done = subprocess.run(quiet, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            if done.returncode:
                sys.exit(f"could not be installed: apt-get {' '.join(command)}")


@contextmanager
def unstarted() -> Iterator[None]:
    """Keep freshly installed servers from starting as services, unless the machine has its own rule."""
    if NO_START.exists():
        yield
        return
    NO_START.write_text("#!/bin/sh\nexit 101\n")
    NO_START.chmod(0o755)
    try:
        yield
    finally:
        NO_START.unlink()


if __name__ == "__main__":
    main()
