"""Making repositories, and moving commits between them: init, look, fetch, push."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiworker.core.errors import Invalid, Unavailable
from aiworker.git.environment import local_environment, network_environment
from aiworker.git.process import CHUNK, GitFailed, run
from aiworker.git.program import MINUTE, Git

_LOOK_SECONDS = 2 * MINUTE
_TRANSFER_SECONDS = 60 * MINUTE
_CREDENTIAL = re.compile(r"(?<=://)[^/@\s]+@")
_AWAY = (
    "Could not resolve host",
    "Connection refused",
    "Connection timed out",
    "Connection reset",
    "Failed to connect",
    "Network is unreachable",
    "No route to host",
    "Operation timed out",
    "early EOF",
    "requested URL returned error: 5",
    "requested URL returned error: 429",
)


@dataclass(frozen=True, slots=True)
class Remote:
    """What another repository shows: its branches with their commits, and the one that HEAD names or stands at."""

    branches: dict[str, str]
    default_branch: str | None
    head: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A ref that the other side did not take, with its reason (`non-fast-forward`, `branch is currently …`)."""

    ref: str
    reason: str


async def init(directory: Path, *, default_branch: str) -> Git:
    """A new bare repository without a commit, without hooks."""
    finished = await run(
        ["git", "init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}", "--", str(directory)],
        cwd=directory.parent,
        environment=local_environment(),
        seconds=MINUTE,
        max_output=CHUNK,
    )
    if finished.code != 0:
        raise GitFailed("git init failed.", stderr=finished.err)
    return Git(directory)


async def tidy(git: Git) -> None:
    """Pack loose objects and small packs, if there are many. What nothing refers to is kept too."""
    await git.run("-c", "gc.auto=2000", "-c", "gc.autoPackLimit=20", "gc", "--auto", "--quiet", seconds=30 * MINUTE)


async def look(git: Git, source: str) -> Remote:
    """What the repository at `source` (checked) has. Raises: Invalid if it is none; Unavailable if it is away."""
    finished = await _outside(git).run(
        "ls-remote", "--symref", "--", source, "HEAD", "refs/heads/*", ok=(0, 128), seconds=_LOOK_SECONDS
    )
    if finished.code != 0:
        raise _unreadable(finished.err)
    found: dict[str, str] = {}
    default_branch = None
    for line in finished.out.decode(errors="replace").splitlines():
        value, _, ref = line.partition("\t")
        if value.startswith("ref: refs/heads/") and ref == "HEAD":
            default_branch = value.removeprefix("ref: refs/heads/")
        elif not value.startswith("ref: "):
            found[ref] = value
    head = found.pop("HEAD", None)
    heads = {ref.removeprefix("refs/heads/"): commit for ref, commit in found.items() if ref.startswith("refs/heads/")}
    return Remote(heads, default_branch, head)


async def fetch(git: Git, source: str, refspecs: Sequence[str]) -> bool:
    """Fetch refs from `source`; False if the other side has no such ref. Raises: Invalid, Unavailable."""
    finished = await _outside(git).run(
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--end-of-options",
        source,
        *refspecs,
        ok=(0, 1, 128),
        seconds=_TRANSFER_SECONDS,
    )
    if "shallow roots are not allowed" in finished.err:  # also with exit status 0
        raise Invalid(
            "The repository is a shallow clone; run `git fetch --unshallow` in it first.", code="upstream_shallow"
        )
    if finished.code == 0:
        return True
    if "couldn't find remote ref" in finished.err:
        return False
    raise _unreadable(finished.err)


async def push(git: Git, source: str, refs: Sequence[str]) -> list[Rejected]:
    """Push full refs under their own names, never by force; those the other side did not take.

    Raises: Invalid, Unavailable.
    """
    finished = await _outside(git).run(
        "push",
        "--porcelain",
        "--no-verify",
        "--no-follow-tags",
        "--recurse-submodules=no",
        "--end-of-options",
        source,
        *(f"{ref}:{ref}" for ref in refs),
        ok=(0, 1, 128),
        seconds=_TRANSFER_SECONDS,
    )
    rejected: list[Rejected] = []
    for line in finished.out.decode(errors="replace").splitlines():
        flag, _, rest = line.partition("\t")
        if flag == "!":
            names, _, reason = rest.partition("\t")
            rejected.append(Rejected(names.split(":")[-1], reason))
    if finished.code != 0 and not rejected:
        raise _unreadable(finished.err)
    return rejected


def _outside(git: Git) -> Git:
    return replace(git, environment=network_environment())


def _unreadable(stderr: str) -> Invalid | Unavailable:
    reason = _reason(stderr)
    if any(sign in stderr for sign in _AWAY):
        return Unavailable(f"The other repository does not answer: {reason}", code="upstream_away")
    return Invalid(f"The other repository cannot be read: {reason}", code="upstream_unreadable")


def _reason(stderr: str) -> str:
    """Git's own first complaint, without credentials."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal: ", "ERROR: ", "error: ", "remote: "))] or lines[:1]
    reason = told[0].split(": ", 1)[-1] if told else "git gave no reason."
    return _CREDENTIAL.sub("", reason)[:300]
