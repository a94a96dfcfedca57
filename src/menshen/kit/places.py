"""Place of a network address, from a file that the operator provides; without one every place is unknown."""

import ipaddress
from pathlib import Path

import maxminddb


class Places:
    """Reads a MaxMind DB file (city or country). It never asks anybody outside."""

    def __init__(self, file: Path | None) -> None:
        self._reader = maxminddb.open_database(str(file)) if file else None

    def of(self, address: str, locale: str) -> str:
        """City or country of an address in the reader's language, or an empty text where it is not known."""
        if self._reader is None:
            return ""
        try:
            found = self._reader.get(str(ipaddress.ip_address(address)))
        except ValueError:
            return ""
        if not isinstance(found, dict):
            return ""
        language = "zh-CN" if locale == "zh_CN" else "en"
        for key in ("city", "subdivisions", "country"):
            entry = found.get(key)
            entry = entry[0] if isinstance(entry, list) and entry else entry
            names = entry.get("names") if isinstance(entry, dict) else None
            if isinstance(names, dict):
                return str(names.get(language) or names.get("en") or "")
        return ""
