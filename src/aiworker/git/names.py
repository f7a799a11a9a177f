"""What may name a branch, a tag, a ref or a commit. Everything is checked before it reaches git."""

import re

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
        raise _refused("branch", branch)
    return _check("branch", branch)


def check_tag(tag: str) -> str:
    """The tag's name as given, if git allows it. Raises: Invalid."""
    if tag.startswith("-") or tag in ("HEAD", "@"):
        raise _refused("tag", tag)
    return _check("tag", tag)


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


def _check(kind: str, name: str) -> str:
    if (
        not name
        or len(name.encode(errors="replace")) > _MAX_REF
        or _FORBIDDEN.search(name)
        or name.startswith("/")
        or name.endswith(("/", "."))
        or any(part.startswith(".") or part.endswith(".lock") for part in name.split("/"))
        or not _encodes(name)
    ):
        raise _refused(kind, name)
    return name


def _encodes(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(kind: str, name: str) -> Invalid:
    return Invalid(
        f"git does not allow the {kind} name {name[:_MAX_REF]!a}.",
        code=f"{kind}_name_invalid",
        details={"name": name[:_MAX_REF].encode(errors="replace").decode()},
    )
