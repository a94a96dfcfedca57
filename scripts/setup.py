"""Sets Menshen up from nothing but Python: uv, packages by hash, the program, its pages' assets."""

import hashlib
import platform
import re
import ssl
import subprocess
import sys
import urllib.request
import venv
import zipfile
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from index import PYPI, environment

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / "set-up-by"
"""Says what the environment was made from; inside it, so that both go together."""

MADE_FROM = ("pyproject.toml", "requirements/dev.txt", "requirements/uv.txt", "scripts/setup.py")


def main() -> None:
    """Do what is not done yet; nothing and at once when all is."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the machine's Python may well be older
        sys.exit(f"Menshen needs Python 3.11 or newer; this is {platform.python_version()} (make PYTHON=...)")
    env = environment() | {"UV_CACHE_DIR": str(CACHE / "uv"), "VIRTUAL_ENV": str(VENV)}
    wanted = fingerprint()
    if not (PYTHON.exists() and STAMP.is_file() and STAMP.read_text() == wanted):
        print("setting up .venv ...", flush=True)
        venv.create(VENV, clear=True, symlinks=True)
        fetch_uv(env)
        run(env, UV, "pip", "sync", "--quiet", "--require-hashes", "requirements/dev.txt")
        run(env, UV, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
        STAMP.write_text(wanted)
    run(env, PYTHON, "scripts/assets.py")


def fingerprint() -> str:
    """One line that changes when the environment has to be made anew."""
    digest = hashlib.sha256(f"{sys.version} {sys.base_prefix} {ROOT}".encode())
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def fetch_uv(env: dict[str, str]) -> None:
    """Take uv's wheel for this machine, compare it with requirements/uv.txt, unpack the program."""
    lock = (ROOT / "requirements" / "uv.txt").read_text()
    version = re.search(r"^uv==([\d.]+)", lock, re.M)[1]  # type: ignore[index]
    wheel = find_uv(version, env)
    if hashlib.sha256(wheel).hexdigest() not in lock:
        sys.exit("the uv wheel offered is not the one named in requirements/uv.txt: nothing was installed")
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        UV.write_bytes(archive.read(f"uv-{version}.data/scripts/uv"))
    UV.chmod(0o755)


def find_uv(version: str, env: dict[str, str]) -> bytes:
    """The wheel from a folder that pip was told to look in, else from the package index."""
    system = {"linux": "musllinux" if is_musl() else "manylinux", "darwin": "macosx"}.get(sys.platform, "win")
    fitting = re.compile(rf"uv-{re.escape(version)}-.*{system}.*_{platform.machine()}\b.*\.whl")
    for folder in env.get("UV_FIND_LINKS", "").split():
        for file in Path(folder).glob("uv-*.whl"):
            if fitting.fullmatch(file.name):
                return file.read_bytes()
    page = env.get("UV_DEFAULT_INDEX", PYPI).rstrip("/") + "/uv/"
    links = re.findall(r'(?:href=|"url": ?)"([^"#]+)', get(page, env).decode())
    for link in links:
        if fitting.fullmatch(unquote(link.rpartition("/")[2])):
            return get(urljoin(page, link), env)
    sys.exit(f"no uv {version} for {sys.platform} {platform.machine()} at the package index")


def get(url: str, env: dict[str, str]) -> bytes:
    """Read an address, with the name and password that may stand in it, trusting whom pip trusts."""
    place = urlsplit(url)
    headers = {"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.1"}
    if place.password is not None:
        pair = f"{unquote(place.username or '')}:{unquote(place.password)}"
        headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        url = url.replace(place.netloc, place.netloc.rpartition("@")[2], 1)
    trust = ssl.create_default_context(cafile=env.get("SSL_CERT_FILE"))
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the operator's own index
    try:
        with urllib.request.urlopen(request, context=trust, timeout=120) as answer:  # noqa: S310
            return bytes(answer.read())
    except OSError as trouble:
        sys.exit(f"the package index at {place.hostname} does not answer: {trouble}")


def is_musl() -> bool:
    """Whether this Linux has another C library than glibc."""
    return platform.libc_ver()[0] != "glibc"


def run(env: dict[str, str], *command: str | Path) -> None:
    """Run a step; its own words say what is wrong, so that no Python trace has to."""
    done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"set-up stopped at: {' '.join(str(word) for word in command)}")


if __name__ == "__main__":
    main()
