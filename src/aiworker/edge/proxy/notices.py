"""The pages that people see where a preview does not answer."""

from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from aiworker.delivery.ports.runtime import Waiting

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<title>{title} · AiWorker</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center }}
main {{ max-width: 36rem; padding: 2rem }}
h1 {{ font-size: 1.25rem; margin: 0 0 .5rem }}
p {{ margin: 0 0 .5rem; overflow-wrap: anywhere }}
small {{ opacity: .65 }}
</style>
</head>
<body><main><h1>{title}</h1><p>{reason}</p>{again}</main></body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """Why a preview does not answer, and after how many seconds the page asks again by itself."""

    status: int
    title: str
    reason: str
    retry_seconds: int | None = None

    def response(self, *, html: bool) -> Response:
        """As a page for a browser, or as a line of text for a program."""
        headers = {"cache-control": "no-store"}
        if self.retry_seconds is not None:
            headers["retry-after"] = str(self.retry_seconds)
        if not html:
            return PlainTextResponse(f"{self.title}. {self.reason}\n", self.status, headers)
        headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        refresh = again = ""
        if self.retry_seconds is not None:
            refresh = f'<meta http-equiv="refresh" content="{self.retry_seconds}">\n'
            again = f"<small>This page tries again every {self.retry_seconds} seconds.</small>"
        page = _PAGE.format(refresh=refresh, title=escape(self.title), reason=escape(self.reason), again=again)
        return HTMLResponse(page, self.status, headers)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse a websocket, with it."""
        if scope["type"] == "websocket" and "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 1013, "reason": self.title})
            return
        accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
        await self.response(html=b"text/html" in accepted)(scope, receive, send)


NO_SUCH_PREVIEW = Notice(404, "No such preview", "Nothing is deployed under this name, or it has been removed.")
NOT_FROM_HERE = Notice(
    403, "Not from this machine", "Previews of this server can be opened in a browser on its own machine only."
)
NO_PROGRAM = Notice(404, "No websocket here", "This preview is a folder of files; no program runs in it.")
NO_ANSWER = Notice(502, "The preview does not answer", "Its program runs, but took no connection just now.", 2)
BROKEN_ANSWER = Notice(502, "The preview did not answer properly", "What its program sent is not a whole HTTP answer.")
BAD_REQUEST = Notice(400, "Bad request", "This request cannot be passed on as HTTP.")


def waiting(target: Waiting) -> Notice:
    """The notice for an instance that does not run now."""
    if target.health == "starting":
        return Notice(503, "The preview is starting", target.reason, 2)
    return Notice(503, "The preview has stopped", target.reason, 10)
