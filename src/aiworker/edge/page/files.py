"""The files of the built web app, read once: only what was there can ever be served, whatever a path says."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

INDEX = "index.html"
# Smallest first. The build writes these beside each text file.
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_SUFFIXES = tuple(suffix for _, suffix in _ENCODINGS)
# The machine's own table may lack or bend these.
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
# Names in here carry a hash of their content: what is behind them never changes.
_HASHED = "assets/"


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, as it is and compressed. `immutable`: another content would have another name."""

    media_type: str
    etag: str
    immutable: bool
    content: bytes
    encoded: Mapping[str, bytes]

    def best(self, accept_encoding: str) -> tuple[str | None, bytes]:
        """The smallest form that the client takes, with the name of its encoding (None: as it is)."""
        accepted = _accepted(accept_encoding)
        for name, content in self.encoded.items():
            if name in accepted:
                return name, content
        return None, self.content


def read_files(folder: Path) -> Mapping[str, PageFile]:
    """The files by their path below the folder; empty if the web app was not built into it."""
    if not (folder / INDEX).is_file():
        return {}
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in _SUFFIXES)
    return {path.relative_to(folder).as_posix(): _read(path, folder) for path in paths}


def _read(path: Path, folder: Path) -> PageFile:
    content = path.read_bytes()
    encoded: dict[str, bytes] = {}
    for name, suffix in _ENCODINGS:
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            encoded[name] = beside.read_bytes()
    return PageFile(
        media_type=_MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        etag=f'"{hashlib.sha256(content).hexdigest()[:20]}"',
        immutable=path.relative_to(folder).as_posix().startswith(_HASHED),
        content=content,
        encoded=encoded,
    )


def _accepted(header: str) -> frozenset[str]:
    names: set[str] = set()
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if not any(_is_zero(parameter) for parameter in parameters):
            names.add(name)
    return frozenset(names)


def _is_zero(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and value.strip().strip("0") in {"", "."}
