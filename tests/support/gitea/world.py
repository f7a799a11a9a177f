"""What the fake Gitea knows: accounts, and repositories that are real bare ones on disk."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.support.checkouts import git, run_git

_ZONE = timezone(timedelta(hours=5, minutes=30))
ALL_SCOPES = frozenset({"write:repository", "write:issue", "write:user"})
_HOOK = """#!/bin/sh
# Protected branches, as Gitea's own hook refuses them: `branch who who …` per line.
while read -r old new ref; do
    while read -r branch who; do
        [ "refs/heads/$branch" = "$ref" ] || continue
        case " $who " in *" $REMOTE_USER "*) ;; *)
            echo "Gitea: Not allowed to push to protected branch $branch" >&2; exit 1 ;;
        esac
    done <"$GIT_DIR/protected"
done
"""


def now() -> str:
    """Gitea's time has no fractions of a second, and is the one of its own zone."""
    return datetime.now(_ZONE).isoformat(timespec="seconds")


@dataclass
class Token:
    """An access token and what it may do, as Gitea 1.20 and newer count it."""

    login: str
    scopes: frozenset[str] = ALL_SCOPES


@dataclass
class Words:
    """A comment on an issue or a pull request."""

    id: int
    author: str
    body: str
    at: str = field(default_factory=now)


@dataclass
class LineWords:
    """A comment on a line, part of a review. `line` counts in the new file, `old_line` in the old one."""

    id: int
    path: str
    body: str
    line: int
    old_line: int


@dataclass
class Judgement:
    """A review."""

    id: int
    author: str
    state: str
    body: str
    commit: str
    lines: list[LineWords]
    at: str = field(default_factory=now)
    dismissed: bool = False


@dataclass
class Entry:
    """An issue, or a pull request if it has a head."""

    number: int
    author: str
    title: str
    body: str
    head: str | None = None
    base: str = ""
    sha: str = ""
    state: str = "open"
    merged_by: str | None = None
    merge_commit: str | None = None
    labels: list[str] = field(default_factory=list[str])
    comments: list[Words] = field(default_factory=list[Words])
    reviews: list[Judgement] = field(default_factory=list[Judgement])
    created: str = field(default_factory=now)
    updated: str = field(default_factory=now)
    closed: str | None = None


@dataclass
class Hook:
    """A webhook. Its secret is never shown."""

    id: int
    url: str
    secret: str
    content_type: str
    events: list[str]
    active: bool


@dataclass
class Repository:
    """A repository, with what people set about it. `may`: login → `read`, `write` or `admin`."""

    id: int
    owner: str
    name: str
    path: Path
    default_branch: str = "main"
    may: dict[str, str] = field(default_factory=dict[str, str])
    archived: bool = False
    allow_rebase: bool = True
    allow_manual_merge: bool = False
    entries: dict[int, Entry] = field(default_factory=dict[int, Entry])
    hooks: list[Hook] = field(default_factory=list[Hook])
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, "list[dict[str, Any]]"])
    protected: dict[str, list[str]] = field(default_factory=dict[str, "list[str]"])
    merge_protected: set[str] = field(default_factory=set[str])
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def empty(self) -> bool:
        """Whether there is no commit on any branch."""
        return not self.branches()

    def git(self, *arguments: str) -> str:
        """Run git in it."""
        return git(self.path, *arguments)

    def branches(self) -> dict[str, str]:
        """Every branch with its commit."""
        lines = self.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
        return {name: sha for name, _, sha in (line.partition(" ") for line in lines)}

    def contains(self, ancestor: str, descendant: str) -> bool:
        """Whether one commit is in the history of another."""
        return run_git(self.path, "merge-base", "--is-ancestor", ancestor, descendant).returncode == 0

    def knows(self, commit: str) -> bool:
        """Whether there is such a commit."""
        return run_git(self.path, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def pulls(self) -> list[Entry]:
        """The pull requests, newest first."""
        return [entry for _, entry in sorted(self.entries.items(), reverse=True) if entry.head is not None]

    def protect(self, branch: str, *, push: Sequence[str] = (), merge: bool = True) -> None:
        """Let only these logins push to a branch; without `merge` nobody merges into it either."""
        self.protected[branch] = list(push)
        if not merge:
            self.merge_protected.add(branch)
        self.write_protection()

    def write_protection(self) -> None:
        """Have the hook know of it."""
        lines = [f"{branch} {' '.join(who)}\n" for branch, who in self.protected.items()]
        (self.path / "protected").write_text("".join(lines))


class World:
    """Everything on one server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokens: dict[str, Token] = {}
        self.repositories: dict[str, Repository] = {}
        self.moved: dict[str, str] = {}
        self.max_response_items = 50
        self._last_id = 0

    def next_id(self) -> int:
        """A number that nothing else has."""
        self._last_id += 1
        return self._last_id

    def find(self, full_name: str) -> Repository | None:
        """By name, whatever its case."""
        return self.repositories.get(full_name.lower())

    def make(self, owner: str, name: str, *, default_branch: str = "main") -> Repository:
        """A new, empty repository."""
        path = self.folder / owner.lower() / f"{name.lower()}.git"
        path.mkdir(parents=True)
        git(path, "init", "--quiet", "--bare", f"--initial-branch={default_branch}")
        git(path, "config", "http.receivepack", "true")
        git(path, "config", "uploadpack.allowAnySHA1InWant", "true")
        hook = path / "hooks/pre-receive"
        hook.write_text(_HOOK)
        hook.chmod(0o755)
        made = Repository(self.next_id(), owner, name, path, default_branch, {owner: "admin"})
        made.write_protection()
        self.repositories[made.full_name.lower()] = made
        return made

    def rename(self, repository: Repository, name: str) -> None:
        """Give a repository another name; the old one leads to it."""
        del self.repositories[repository.full_name.lower()]
        self.moved[repository.full_name.lower()] = f"{repository.owner}/{name}"
        repository.name = name
        self.repositories[repository.full_name.lower()] = repository
