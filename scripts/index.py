"""Where packages come from: the settings that pip obeys, read without pip, and said again in uv's words."""

import configparser
import os
from pathlib import Path

PYPI = "https://pypi.org/simple"

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "no-index": "UV_NO_INDEX",
}
"""pip's setting -> uv's environment variable."""


def pip_settings() -> dict[str, str]:
    """pip's own order: the machine's file, the user's, the one named, then the environment."""
    home = Path(os.environ.get("HOME") or "/")
    files: list[str | Path] = [
        "/etc/pip.conf",
        home / ".pip" / "pip.conf",
        Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf",
        os.environ.get("PIP_CONFIG_FILE", ""),
    ]
    found: dict[str, str] = {}
    for file in files:
        parser = configparser.RawConfigParser()
        parser.read([file], encoding="utf-8")
        for section in ("global", "install"):
            if parser.has_section(section):
                found |= {name: " ".join(value.split()) for name, value in parser.items(section)}
    for name, value in os.environ.items():
        if name.startswith("PIP_") and value:
            found[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return found


def environment() -> dict[str, str]:
    """The environment for uv and npm: what is said in their own names goes before what pip was told."""
    told = {UV_NAMES[name]: value for name, value in pip_settings().items() if name in UV_NAMES and value}
    if "SSL_CERT_FILE" in told:
        told["NODE_EXTRA_CA_CERTS"] = told["SSL_CERT_FILE"]
    # A company's own TLS authority stands in the system's store, not in the tools'.
    return {"UV_SYSTEM_CERTS": "1"} | told | dict(os.environ)
