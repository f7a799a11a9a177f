"""What the parts of a forge share: the store, and how they name and refuse things."""

from collections.abc import Callable, Sequence

from aiworker.adapters.forge.store import Store
from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports.forge import BranchMoved
from aiworker.git import Git, names, refs
from aiworker.git.refs import RefMove, RefMoved

MAX_TEXT = 64_000
# Nobody else writes in the pull requests of the built-in forge.
OURSELVES = "aiworker"


class Part:
    """One part of a forge, over the same store as the others."""

    def __init__(self, store: Store, public_url: str | Callable[[], str]) -> None:
        self.store = store
        self._public_url = public_url

    async def move(self, name: str, git: Git, branch: str, one: RefMove) -> None:
        """Move a branch. Raises: BranchMoved; what the forge has against it."""
        try:
            await self.store.move(name, git, [one])
        except RefMoved as error:
            raise BranchMoved(
                f"{branch} was moved by another at the same time, or its name is taken; try again."
            ) from error

    @property
    def public_url(self) -> str:
        """The server's address as its clients know it, without a slash at its end."""
        url = self._public_url if isinstance(self._public_url, str) else self._public_url()
        return url.rstrip("/")

    def clone_url(self, name: str) -> str:
        """`{public_url}/git/{name}.git`: our own door, where agents come with a key of ours and never with another."""
        return f"{self.public_url}/git/{name}.git"


async def named(git: Git, name: str) -> str:
    """The commit that a commit's own name, or a branch, stands for. Raises: NotFound, Invalid."""
    return (await all_named(git, name))[0]


async def all_named(git: Git, *given: str) -> list[str]:
    """The commits that commits' own names, or branches, stand for. Raises: NotFound, Invalid."""
    return _all_there(given, await refs.commits_of(git, [asked_for(name) for name in given]))


async def all_named_with_tree(git: Git, commit: str, *others: str) -> tuple[str, list[str]]:
    """The tree of a commit, and the commits that others stand for. Raises: NotFound, Invalid."""
    tree, *found = await refs.tree_and_commits(git, commit, [asked_for(name) for name in others])
    (tree,) = _all_there([commit], [tree])
    return tree, _all_there(others, found)


def asked_for(name: str) -> str:
    """A commit's own name, or a branch's in full. Raises: Invalid."""
    return name if names.is_commit(name) else names.branch_ref(name)


def _all_there(given: Sequence[str], found: Sequence[str | None]) -> list[str]:
    there: list[str] = []
    for name, one in zip(given, found, strict=True):
        if one is None:
            raise no_commit(name) if names.is_commit(name) else no_branch(name)
        there.append(one)
    return there


def no_commit(name: str) -> NotFound:
    """There is no such commit."""
    return NotFound(f"There is no commit {name}.", code="commit_not_found")


def no_branch(name: str) -> NotFound:
    """There is no such branch."""
    return NotFound(f"There is no branch {name}.", code="branch_not_found")


def name_taken(kind: str, name: str) -> Conflict:
    """A name such as `a/b` cannot stand beside `a`."""
    return Conflict(f"The {kind} {name} cannot be made beside those that are there.", code=f"{kind}_name_taken")


def check_text(what: str, text: str, *, most: int = MAX_TEXT, empty: bool = False) -> str:
    """The text as given. Raises: Invalid if it is empty, too long, or cannot be written down."""
    if not (text.strip() or empty) or len(text) > most or "\0" in text:
        raise Invalid(f"The {what} is {0 if empty else 1} to {most:,} characters, without NUL.", code="text_invalid")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"The {what} is not valid Unicode.", code="text_invalid") from error
    return text
