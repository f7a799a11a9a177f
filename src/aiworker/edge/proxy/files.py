"""Previews without a program: files served as they are."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_WELL_KNOWN = ".well-known"


async def serve_files(root: Path, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a file below `root`: `index.html` for a folder, `404.html` if there is one, never a listing.

    Nothing outside `root` (also not by a link) and no hidden file is served.
    """
    response = await _response(root, scope)
    # A new version may be there with the next request.
    response.headers.setdefault("cache-control", "no-cache")
    await response(scope, receive, send)


async def _response(root: Path, scope: Scope) -> Response:
    if any(part.startswith(".") and part != _WELL_KNOWN for part in scope["path"].split("/")):
        return PlainTextResponse("Not Found", 404)
    files = StaticFiles(directory=root, html=True, check_dir=False)
    try:
        return await files.get_response(files.get_path(scope), scope)
    except HTTPException as error:
        return PlainTextResponse(error.detail, error.status_code, error.headers)
    except OSError:
        return PlainTextResponse("Not Found", 404)
