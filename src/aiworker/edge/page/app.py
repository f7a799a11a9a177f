"""The page's ASGI application: the built files, and the index for every address that the page itself knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aiworker.edge.page.files import INDEX, PageFile, read_files

BUILT: Final = Path(__file__).parent / "dist"

# No inline script and no inline style: what is not a file of ours does not run, whatever text finds its way in.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    # Previews are shown in a frame; where they run is the project's business.
    "frame-src http: https:"
)
# Scripts and styles are never shown as documents, so they do not need the documents' headers.
_OF_FILES: Final = {"X-Content-Type-Options": "nosniff"}
_SECURITY: Final = {
    **_OF_FILES,
    "Content-Security-Policy": _POLICY,
    # The sign-in link's code stays in this page's own requests.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AiWorker: the page is not built</title>
<h1>The page is not built</h1>
<p>The server runs, and its API, MCP and the command line work. Only this page is missing from the installation.</p>
<p>In a checkout, build it with <code>make setup</code>, or with
<code>npm --prefix web ci &amp;&amp; npm --prefix web run build</code>, then load this page again.</p>
</html>
"""


class Page:
    """Serves the web app that was built into `folder`, to be mounted below everything else.

    Addresses without a file get the index, because the page does its own routing; a missing file is 404, so that a
    stale script tag never receives HTML. Until the folder holds a build, a plain page says so (503).
    """

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder
        self._files: Mapping[str, PageFile] = read_files(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        response = self._answer(scope["method"], scope["path"].lstrip("/"), Headers(scope=scope))
        await response(scope, receive, send)

    def _answer(self, method: str, path: str, headers: Headers) -> Response:
        if method not in {"GET", "HEAD"}:
            return _plain(405, "The page is only read.", allow="GET, HEAD")
        if not self._files:
            self._files = read_files(self._folder)
        name = path if path in self._files else INDEX
        if name == INDEX and not _is_address(path, headers):
            return _plain(404, "There is no such file.")
        file = self._files.get(name)
        if file is None:
            return Response(_NOT_BUILT, 503, {**_SECURITY, "Cache-Control": "no-store"}, "text/html")
        return _file(file, headers)


def _is_address(path: str, headers: Headers) -> bool:
    """Whether a path may be one of the page's own addresses rather than a file that is missing."""
    # A file has a dot in its name, but so may a module (`ocr@2.0`) and a batch.
    screen = "." not in path.rpartition("/")[2] or path.startswith("automation/")
    return path == INDEX or (screen and not path.startswith("assets/") and _takes_html(headers))


def _takes_html(headers: Headers) -> bool:
    accept = headers.get("accept", "*/*")
    return any(wanted in accept for wanted in ("text/html", "text/*", "*/*"))


def _file(file: PageFile, headers: Headers) -> Response:
    kept = {
        **(_OF_FILES if file.immutable else _SECURITY),
        "Cache-Control": _FOREVER if file.immutable else _ASK_FIRST,
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
    }
    if file.etag in headers.get("if-none-match", ""):
        return Response(None, 304, kept)
    encoding, content = file.best(headers.get("accept-encoding", ""))
    if encoding is not None:
        kept["Content-Encoding"] = encoding
    return Response(content, 200, kept, file.media_type)


def _plain(status: int, text: str, **extra: str) -> Response:
    return Response(text + "\n", status, {**_SECURITY, "Cache-Control": "no-store", **extra}, "text/plain")
