"""git over smart HTTP.

Who may push what is enforced inside git, by a hook, so that the git client shows the reason to whoever pushes.
"""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import ClassVar

from aiworker.adapters.forge.backend import Head, inflated, talk
from aiworker.adapters.forge.base import Part
from aiworker.adapters.forge.store import Store
from aiworker.core.errors import Denied, Invalid, Limited, NotFound
from aiworker.core.ids import new_id
from aiworker.delivery.ports.forge import PackRequest, PackResponse
from aiworker.git import Git, names, refs
from aiworker.git.environment import configured

_FETCH = "git-upload-pack"
_PUSH = "git-receive-pack"
_AT_ONCE = 16
_PATIENCE_SECONDS = 60.0
_MEBIBYTE = 1024 * 1024
_MAX_FETCH_BYTES = 32 * _MEBIBYTE
_MAX_PUSH_BYTES = 2_048 * _MEBIBYTE
_MAX_PATTERNS = 100
_PROTOCOL = re.compile(r"[a-z0-9:=.-]{1,100}")
_PATTERN = re.compile(r"refs/(?:heads|tags)/[!-~]{1,300}")
_STRANGE = re.compile(r"[^\w.@ -]", re.ASCII)
_HOOKS = Path(__file__).with_name("hooks")


class Packs(Part):
    """Fills `PackService`. `hooks` are those that take part in every push."""

    hooks: ClassVar[Sequence[str]] = ("pre-receive",)

    def __init__(self, store: Store, public_url: str | Callable[[], str]) -> None:
        super().__init__(store, public_url)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._hooks = store.root / ".hooks"
        self._hooks_written = False

    async def serve(self, request: PackRequest) -> PackResponse:
        """Answer one request. Raises: NotFound, Denied, Invalid, TooLarge, Limited (too many at once)."""
        service = _service(request)
        self.store.git(request.repository)
        head = Head()
        moved: dict[str, str | None] = {}
        answer = self._answer(request, service, head, moved)
        await anext(answer)
        return PackResponse(head.status, head.headers, answer, moved)

    async def _answer(
        self, request: PackRequest, service: str, head: Head, moved: dict[str, str | None]
    ) -> AsyncGenerator[bytes]:
        asked = self.store.own(request.repository) / f"push-{new_id()}"
        if service == _PUSH:
            await asyncio.to_thread(self._ensure_hooks)
        environment = _environment(request, service, self.store.path(request.repository)) | {
            "AIWORKER_MAY_PUSH": _lines(request.may_push),
            "AIWORKER_MAY_REWRITE": _lines(request.may_rewrite),
            "AIWORKER_ASKED": str(asked),
            **configured([*_settings(service, self._hooks), *self.settings(service)]),
            **(self.environment(request.repository) if service == _PUSH else {}),
        }
        body = inflated(
            request.body,
            encoding=request.headers.get("content-encoding", ""),
            limit=_MAX_PUSH_BYTES if service == _PUSH else _MAX_FETCH_BYTES,
        )
        async with self._slot(), self.store.writing(request.repository) as git:
            try:
                async with aclosing(talk(git, environment, body, head)) as answer:
                    async for chunk in answer:
                        yield chunk
            finally:
                moved |= await _moved(git, asked)

    def settings(self, service: str) -> list[tuple[str, str]]:
        """More configuration for a run of git's `service`."""
        _ = service
        return []

    def environment(self, repository: str) -> dict[str, str]:
        """What the hooks of a push need to know beside."""
        _ = repository
        return {}

    @asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._slots.acquire()
        except TimeoutError as error:
            raise Limited(
                "Too many clones and pushes at once; try again.", code="git_busy", retry_after=_PATIENCE_SECONDS
            ) from error
        try:
            yield
        finally:
            self._slots.release()

    def _ensure_hooks(self) -> None:
        """Without the hooks git would take any push, so they are looked for before each."""
        if self._hooks_written and all(os.access(self._hooks / name, os.X_OK) for name in self.hooks):
            return
        self._hooks.mkdir(parents=True, exist_ok=True)
        for name in self.hooks:
            coming = self._hooks / f"{name}.{new_id()}"
            coming.write_bytes((_HOOKS / name).read_bytes())
            coming.chmod(0o755)
            coming.replace(self._hooks / name)
        self._hooks_written = True


def _service(request: PackRequest) -> str:
    service = ""
    if (request.method, request.path) == ("GET", "info/refs"):
        service = request.query.removeprefix("service=")
        if service not in (_FETCH, _PUSH):
            raise Denied("Only git's smart HTTP protocol is served here; use git 1.6.6 or newer.", code="git_dumb")
    elif request.method == "POST" and request.path in (_FETCH, _PUSH):
        service = request.path
        if request.headers.get("content-type") != f"application/x-{service}-request":
            raise Invalid(f"The content type must be application/x-{service}-request.", code="content_type_invalid")
    else:
        raise NotFound("git asks for info/refs, git-upload-pack and git-receive-pack only.", code="git_path_unknown")
    if service == _PUSH and not request.may_push:
        raise Denied("You may fetch from this repository, but not push to it.", code="push_denied")
    return service


def _lines(patterns: Sequence[str]) -> str:
    if len(patterns) > _MAX_PATTERNS or any(_PATTERN.fullmatch(one) is None for one in patterns):
        raise Invalid("What may be pushed is given as patterns like refs/heads/task-*.", code="push_pattern_invalid")
    return "\n".join(patterns)


def _environment(request: PackRequest, service: str, repository: Path) -> dict[str, str]:
    protocol = request.headers.get("git-protocol", "")
    return {
        "GIT_PROJECT_ROOT": str(repository.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repository.name}/{request.path}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": f"service={service}" if request.method == "GET" else "",
        "CONTENT_TYPE": request.headers.get("content-type", "") if request.method == "POST" else "",
        "REMOTE_USER": _STRANGE.sub("_", request.user)[:100] or "unknown",
        "REMOTE_ADDR": "aiworker",
        "GIT_PROTOCOL": protocol if _PROTOCOL.fullmatch(protocol) else "",
    }


def _settings(service: str, hooks: Path) -> list[tuple[str, str]]:
    """What holds for this run alone."""
    settings = {
        "http.getanyfile": "false",
        "http.uploadpack": "true",
        "http.receivepack": "true" if service == _PUSH else "false",
        "transfer.hideRefs": "refs/aiworker",
        "uploadpack.allowFilter": "true",
        "core.hooksPath": str(hooks),
        "receive.fsckObjects": "true",
        # Oddities of old commits by other programs; every large host takes them.
        "receive.fsck.badTimezone": "warn",
        "receive.fsck.missingSpaceBeforeDate": "warn",
        "receive.fsck.zeroPaddedFilemode": "warn",
        "receive.maxInputSize": str(_MAX_PUSH_BYTES),
        "receive.autogc": "false",
    }
    return list(settings.items())


async def _moved(git: Git, asked: Path) -> dict[str, str | None]:
    """What the push asked for, as far as it has come true; refs that the hook let through are in the file."""
    lines = await asyncio.to_thread(_take, asked)
    wanted = {ref: new for _, new, ref in (line.split(" ", 2) for line in lines)}
    now = await refs.values(git, list(wanted)) if wanted else {}
    return {
        ref: None if new == names.NO_COMMIT else new
        for ref, new in wanted.items()
        if now.get(ref, names.NO_COMMIT) == new
    }


def _take(asked: Path) -> list[str]:
    try:
        return asked.read_text().splitlines()
    except FileNotFoundError:
        return []
    finally:
        asked.unlink(missing_ok=True)
