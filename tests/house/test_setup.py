"""Set-up obeys what pip was told, and installs no installer that is not the one named in the lock."""

import http.server
import platform
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import index
import setup


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user of whom pip knows nothing."""
    for setting in index.UV_NAMES:
        monkeypatch.delenv("PIP_" + setting.upper().replace("-", "_"), raising=False)
    for setting in index.UV_NAMES.values():
        monkeypatch.delenv(setting, raising=False)
    for setting in ("XDG_CONFIG_HOME", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(setting, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_pip_settings_come_from_files_and_environment_in_pips_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    settings = tmp_path / ".config" / "pip" / "pip.conf"
    settings.write_text("[global]\nindex-url = https://files.example/simple\nfind-links =\n  one\n  two\n")
    found = index.environment()
    assert found["UV_DEFAULT_INDEX"] == "https://files.example/simple"
    assert found["UV_FIND_LINKS"] == "one two"
    monkeypatch.setenv("PIP_INDEX_URL", "https://environment.example/simple")
    assert index.environment()["UV_DEFAULT_INDEX"] == "https://environment.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")
    assert index.environment()["UV_DEFAULT_INDEX"] == "https://uv.example/simple"


def test_npm_trusts_the_authority_that_pip_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", "/etc/company/authority.pem")
    found = index.environment()
    assert found["SSL_CERT_FILE"] == found["NODE_EXTRA_CA_CERTS"] == "/etc/company/authority.pem"


def locked_version() -> str:
    lock = (setup.ROOT / "requirements" / "uv.txt").read_text(encoding="utf-8")
    return next(line for line in lock.splitlines() if line.startswith("uv==")).split()[0].removeprefix("uv==")


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    """A folder with a wheel that bears the locked version's name and holds another program."""
    version = locked_version()
    tag = f"{'musllinux_1_1' if setup.is_musl() else 'manylinux_2_17'}_{platform.machine()}"
    wheel = tmp_path / "offered" / "uv" / f"uv-{version}-py3-none-{tag}.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"uv-{version}.data/scripts/uv", "#!/bin/sh\necho stolen\n")
    return wheel


@pytest.fixture
def simple_index(offered: Path) -> Iterator[str]:
    """A package index that knows only HTML, wants a name and password, and offers that wheel."""

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == "Basic YW5uYTpwQHNz"
            self.send_response(200 if known else 401)
            self.end_headers()
            page = f'<a href="{offered.name}#sha256=00">{offered.name}</a>'.encode()
            self.wfile.write(offered.read_bytes() if self.path.endswith(".whl") else page)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing among the test's words."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://anna:p%40ss@127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_installer_is_found_at_a_private_index(simple_index: str, offered: Path) -> None:
    assert setup.find_uv(locked_version(), {"UV_DEFAULT_INDEX": simple_index}) == offered.read_bytes()


def test_a_foreign_installer_is_refused(offered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "UV", tmp_path / "uv")
    with pytest.raises(SystemExit, match="nothing was installed"):
        setup.fetch_uv({"UV_FIND_LINKS": str(offered.parent)})
    assert not (tmp_path / "uv").exists()


def test_an_index_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(SystemExit) as stopped:
        setup.find_uv("1.0", {"UV_DEFAULT_INDEX": "http://anna:p%40ss@127.0.0.1:1/simple"})
    assert "127.0.0.1" in str(stopped.value)
    assert "p%40ss" not in str(stopped.value)
