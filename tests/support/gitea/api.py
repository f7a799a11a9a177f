"""What every operation of the fake Gitea's API shares: who asks, what for, how it is answered and refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.gitea.changes import Changes, Refused
from tests.support.gitea.world import Entry, Repository, Token

_LEVELS = {"read": 0, "write": 1, "admin": 2}


@dataclass
class Asked:
    """One request, its body read."""

    request: Request
    changes: Changes
    token: Token
    body: dict[str, Any]

    @property
    def login(self) -> str:
        """Who asks."""
        return self.token.login

    def repository(self, level: str = "read") -> Repository:
        """The repository of the path. Raises: Refused (404 if it may not even be read, 403, 423)."""
        path = self.request.path_params
        found = self.changes.world.find(f"{path['owner']}/{path['repo']}")
        may = None if found is None else found.may.get(self.login)
        if found is None or may is None:
            raise Refused(404, "The target couldn't be found.")
        if _LEVELS[may] < _LEVELS[level]:
            raise Refused(403, f"user should have {level} access to the repository")
        if level == "write" and found.archived:
            raise Refused(423, f"{found.full_name} is archived")
        return found

    def entry(self, repository: Repository, *, pull: bool | None = None) -> Entry:
        """The issue or pull request of the path. Raises: Refused."""
        found = repository.entries.get(int(self.request.path_params["index"]))
        if found is None or (pull is not None and (found.head is not None) != pull):
            raise Refused(404, "The target couldn't be found.")
        return found

    def text(self, name: str) -> str:
        """A field of the body that must not be empty. Raises: Refused."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(422, f"[{name.title()}]: Required")
        return value

    def page(self, everything: list[Any], *, links: bool = False) -> JSONResponse:
        """One page of a list; with `links` it says whether there is another one."""
        headers = self.total(everything)
        if links and (relations := self._relations(len(everything))):
            headers["Link"] = ",".join(
                f'<{self.request.url.include_query_params(page=page)}>; rel="{name}"'
                for name, page in relations.items()
            )
        return JSONResponse(self.cut(everything), headers=headers)

    def total(self, everything: list[Any]) -> dict[str, str]:
        """How many there are, as Gitea says it."""
        return {"X-Total-Count": str(len(everything))}

    def cut(self, everything: list[Any]) -> list[Any]:
        """The page that was asked for, of a size that Gitea's administrator allows."""
        number, size = self._place()
        return everything[(number - 1) * size : number * size]

    def _place(self) -> tuple[int, int]:
        asked = self.request.query_params
        size = min(int(asked.get("limit", "0")) or 30, self.changes.world.max_response_items)
        return max(int(asked.get("page", "1")), 1), size

    def _relations(self, count: int) -> dict[str, int]:
        number, size = self._place()
        last = max(-(-count // size), 1)
        after = {"next": number + 1, "last": last} if number < last else {}
        return after | ({"first": 1, "prev": number - 1} if number > 1 else {})

    def since(self, updated: str) -> bool:
        """Whether it changed since the time asked for."""
        asked = self.request.query_params.get("since")
        return asked is None or datetime.fromisoformat(updated) >= datetime.fromisoformat(asked)

    def wanted(self, entry: Entry) -> bool:
        """Whether it is in the state asked for."""
        state = self.request.query_params.get("state", "open")
        return state in {"all", entry.state}


def empty(status: int) -> Response:
    """An answer without a body."""
    return Response(b"", status)
