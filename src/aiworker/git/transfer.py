"""Making repositories, and moving commits between them: init, look, fetch, push."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiworker.core.errors import Invalid, Unavailable
from aiworker.git.addresses import Address
from aiworker.git.environment import environment_for, local_environment
from aiworker.git.names import NO_COMMIT
from aiworker.git.process import CHUNK, GitFailed, Heard, run
from aiworker.git.program import MINUTE, Git
from aiworker.git.refs import RefMove

_LOOK_SECONDS = 2 * MINUTE
_TRANSFER_SECONDS = 60 * MINUTE
_PROGRESS = re.compile(
    r"(?:remote: )?(?P<what>[A-Z][a-z]+ (?:objects|deltas)): +(?P<how>\d+%.*|\d+.*)|remote: Total .*"
)
_SHA256 = "The repository names its commits by SHA-256, which is not supported yet; convert it to SHA-1 first."
# What somebody works in is no server: a push moves the refs that were agreed, and nothing else happens there.
_RECEIVE_IN_A_CHECKOUT = (
    "git -c core.hooksPath=/dev/null -c receive.denyCurrentBranch=refuse -c receive.autoGC=false receive-pack"
)
_STATUS = re.compile(r"requested URL returned error: (\d{3})")
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
    "Operation too slow",
    "Connection closed by",
    "Empty reply from server",
    "transfer closed with",
    "unexpected disconnect",
    "hung up unexpectedly",
)
# What ssh, or a server over it, says when it lets nobody in.
SSH_REFUSES = ("Permission denied (", "Host key verification failed", "Gitea: ", "Forgejo: ")
_TOO_MANY = 429
_SERVER_ERROR = 500


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


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did: the refs that moved over there, and those that were not taken. `said`: what the server said."""

    moved: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    said: tuple[str, ...] = ()


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


async def look(git: Git, address: Address) -> Remote:
    """What the repository at an address has. Raises: Invalid if it is none; Unavailable if it is away."""
    finished = await _outside(git, address).run(
        "ls-remote", "--symref", "--", address.url, "HEAD", "refs/heads/*", ok=(0, 128), seconds=_LOOK_SECONDS
    )
    if finished.code != 0:
        raise _unreadable(finished.err, address)
    found: dict[str, str] = {}
    default_branch = None
    for line in finished.out.decode(errors="replace").splitlines():
        value, _, ref = line.partition("\t")
        if value.startswith("ref: refs/heads/") and ref == "HEAD":
            default_branch = value.removeprefix("ref: refs/heads/")
        elif not value.startswith("ref: "):
            found[ref] = value
    if any(len(value) != len(NO_COMMIT) for value in found.values()):
        raise Invalid(_SHA256, code="upstream_sha256")
    head = found.pop("HEAD", None)
    heads = {ref.removeprefix("refs/heads/"): commit for ref, commit in found.items() if ref.startswith("refs/heads/")}
    return Remote(heads, default_branch, head)


async def fetch(
    git: Git, address: Address, refspecs: Sequence[str], *, prune: bool = False, heard: Heard | None = None
) -> bool:
    """Fetch refs; False if the other side has no such ref. `prune`: what is gone there goes here, too. `heard` is told
    how far it is.

    Raises: Invalid, Unavailable.
    """

    def passed_on(line: str) -> None:
        if heard is not None and (progress := _PROGRESS.fullmatch(line)) and progress["what"]:
            heard(f"{progress['what']}: {progress['how']}")

    finished = await _outside(git, address).run(
        "fetch",
        "--quiet" if heard is None else "--progress",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        *(["--prune"] if prune else []),
        "--end-of-options",
        address.url,
        *refspecs,
        ok=(0, 1, 128),
        seconds=_TRANSFER_SECONDS,
        heard=passed_on,
    )
    if "shallow roots are not allowed" in finished.err:  # also with exit status 0
        raise Invalid(
            "The repository is a shallow clone; run `git fetch --unshallow` in it first.", code="upstream_shallow"
        )
    if finished.code == 0:
        return True
    if "couldn't find remote ref" in finished.err:
        return False
    raise _unreadable(finished.err, address)


async def push(git: Git, address: Address, refs: Sequence[str]) -> Pushed:
    """Push full refs under their own names, never by force; nothing but refs changes where somebody works.

    Raises: Invalid, Unavailable.
    """
    receive = [f"--receive-pack={_RECEIVE_IN_A_CHECKOUT}"] if _is_checkout(address) else []
    return await _push(git, address, receive, [f"{ref}:{ref}" for ref in refs])


async def publish(git: Git, address: Address, moves: Sequence[RefMove]) -> Pushed:
    """Move refs over there as given, each only from where it was thought to be; all of them or none.

    Raises: Invalid, Unavailable.
    """
    leases = [f"--force-with-lease={one.ref}:{one.old or ''}" for one in moves]
    return await _push(git, address, ["--atomic", *leases], [f"{one.new or ''}:{one.ref}" for one in moves])


async def _push(git: Git, address: Address, options: Sequence[str], refspecs: Sequence[str]) -> Pushed:
    finished = await _outside(git, address).run(
        "push",
        "--porcelain",
        "--no-verify",
        "--no-follow-tags",
        "--recurse-submodules=no",
        *options,
        "--end-of-options",
        address.url,
        *refspecs,
        ok=(0, 1, 128),
        seconds=_TRANSFER_SECONDS,
    )
    moved: list[str] = []
    rejected: list[Rejected] = []
    for line in finished.out.decode(errors="replace").splitlines():
        flag, tab, rest = line.partition("\t")
        if not tab:
            continue
        names, _, reason = rest.partition("\t")
        ref = names.split(":")[-1]
        if flag == "!":
            rejected.append(Rejected(ref, reason))
        elif flag != "=":
            moved.append(ref)
    if finished.code != 0 and not rejected:
        raise _unreadable(finished.err, address)
    said = [line.removeprefix("remote: ").strip() for line in finished.err.splitlines() if line.startswith("remote: ")]
    return Pushed(tuple(moved), tuple(rejected), tuple(line for line in said if line))


def _is_checkout(address: Address) -> bool:
    """Whether files lie there beside the repository; a bare one is a server, with rules of its own."""
    folder = address.folder
    return folder is not None and (folder.name == ".git" or _is_there(folder / ".git"))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _outside(git: Git, address: Address) -> Git:
    return replace(git, environment=environment_for(address))


def _unreadable(stderr: str, address: Address) -> Invalid | Unavailable:
    if "mismatched algorithms" in stderr:
        return Invalid(_SHA256, code="upstream_sha256")
    folder = address.folder
    if folder is not None and not _is_there(folder):
        return Invalid(
            f"There is no folder {folder} where the server runs.",
            code="upstream_missing",
            details={"folder": str(folder)},
        )
    if folder is not None and "does not appear to be a git repository" in stderr:
        return Invalid(
            f"{folder} is no git repository.", code="upstream_no_repository", details={"folder": str(folder)}
        )
    reason = _reason(stderr)
    if _is_away(stderr):
        return Unavailable(
            f"The other repository does not answer: {reason}", code="upstream_away", details={"error": reason}
        )
    return Invalid(
        f"The other repository cannot be read: {reason}",
        code="upstream_unreadable",
        details={"status": _http_status(stderr), "error": reason},
    )


def _is_away(stderr: str) -> bool:
    """Whether another try may do. A server that answers no breaks the connection off, too."""
    status = _http_status(stderr)
    if status is not None:
        return status == _TOO_MANY or status >= _SERVER_ERROR
    return any(sign in stderr for sign in _AWAY)


def _http_status(stderr: str) -> int | None:
    """What the server answered, if git tells it: by its number, or in words of its own."""
    told = _STATUS.search(stderr)
    if told is not None:
        return int(told[1])
    if "fatal: Authentication failed" in stderr:
        return 401
    return 404 if re.search(r"fatal: repository '.*' not found", stderr) else None


def _reason(stderr: str) -> str:
    """Git's own first complaint; over SSH it only says that nothing came, and ssh or the server says why."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    lines = [line for line in lines if _PROGRESS.fullmatch(line) is None]
    if over_ssh := [line for line in lines if any(sign in line for sign in SSH_REFUSES)]:
        return over_ssh[0][:300]
    told = [line for line in lines if line.startswith(("fatal: ", "ERROR: ", "error: ", "remote: "))] or lines[:1]
    return told[0].split(": ", 1)[-1][:300] if told else "git gave no reason."
