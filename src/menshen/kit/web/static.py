"""The built front-end files, held in memory: no name from outside ever reaches the disk."""

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from menshen.kit.web.wire import Bad, Receive, Send, Wire

MEDIA = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".json": b"application/json",
    ".webmanifest": b"application/manifest+json",
}
FOR_EVER = b"public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _File:
    body: bytes
    small: bytes
    media: bytes


def server(folder: Path) -> Callable[[Wire, Receive, Send], Awaitable[None]]:
    """An answerer for `/static/...`; names carry a hash of their content, so browsers may keep them for ever."""
    files = {
        f"/static/{path.relative_to(folder).as_posix()}": _File(
            body := path.read_bytes(), gzip.compress(body, 9, mtime=0), MEDIA[path.suffix]
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in MEDIA
    }

    async def answer(seen: Wire, receive: Receive, send: Send) -> None:
        found = files.get(seen.path)
        if found is None or seen.method not in ("GET", "HEAD"):
            raise Bad(404, "kit.error.not_found")
        small = "gzip" in seen.header("accept-encoding")
        body = found.small if small else found.body
        headers = [
            (b"content-type", found.media),
            (b"cache-control", FOR_EVER),
            (b"vary", b"accept-encoding"),
            (b"content-length", str(len(body)).encode()),
        ]
        if small:
            headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if seen.method == "HEAD" else body})

    return answer
