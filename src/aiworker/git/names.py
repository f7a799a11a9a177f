"""What may name a branch, a tag, a ref or a commit. Everything is checked before it reaches git."""

import re
from collections.abc import Callable

from aiworker.core.errors import Invalid

NO_COMMIT = "0" * 40
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_MAX_REF = 200


def is_commit(text: str) -> bool:
    """Whether the text is a full commit name: 40 hex digits in lower case, not all zero."""
    return _COMMIT.fullmatch(text) is not None and text != NO_COMMIT


def check_commit(commit: str) -> str:
    """The commit's name as given. Raises: Invalid."""
    if not is_commit(commit):
        raise Invalid("A commit is named by its 40 hex digits in lower case.", code="commit_name_invalid")
    return commit


def check_branch(branch: str) -> str:
    """The branch's name as given, if git allows it. Raises: Invalid."""
    if branch.startswith(("-", "refs/")) or branch in ("HEAD", "@") or is_commit(branch):
        raise _branch_refused(branch)
    return _check(branch, _branch_refused)


def check_tag(tag: str) -> str:
    """The tag's name as given, if git allows it. Raises: Invalid."""
    if tag.startswith("-") or tag in ("HEAD", "@"):
        raise _tag_refused(tag)
    return _check(tag, _tag_refused)


def check_ref(ref: str) -> str:
    """The full name of a branch or a tag (`refs/heads/…`, `refs/tags/…`) as given. Raises: Invalid."""
    if ref.startswith("refs/heads/"):
        check_branch(ref.removeprefix("refs/heads/"))
    elif ref.startswith("refs/tags/"):
        check_tag(ref.removeprefix("refs/tags/"))
    else:
        raise Invalid("A ref is named in full, as refs/heads/… or refs/tags/….", code="ref_name_invalid")
    return ref


def branch_ref(branch: str) -> str:
    """The full name of a branch. Raises: Invalid."""
    return f"refs/heads/{check_branch(branch)}"


def _check(name: str, refused: Callable[[str], Invalid]) -> str:
    if (
        not name
        or len(name.encode(errors="replace")) > _MAX_REF
        or _FORBIDDEN.search(name)
        or name.startswith("/")
        or name.endswith(("/", "."))
        or any(part.startswith(".") or part.endswith(".lock") for part in name.split("/"))
        or not _encodes(name)
    ):
        raise refused(name)
    return name


def _encodes(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _branch_refused(name: str) -> Invalid:
    words = f"git does not allow the branch name {name[:_MAX_REF]!a}."
    return Invalid(words, code="branch_name_invalid", details={"name": _shown(name)})


def _tag_refused(name: str) -> Invalid:
    words = f"git does not allow the tag name {name[:_MAX_REF]!a}."
    return Invalid(words, code="tag_name_invalid", details={"name": _shown(name)})


def _shown(name: str) -> str:
    return name[:_MAX_REF].encode(errors="replace").decode()
