"""Commits and tags, written with every name and date given: the same input makes the same object. Small files, read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiworker.core.errors import Invalid
from aiworker.git.program import Git

OUR_MAIL = "aiworker@localhost"
_SMALL = 1024 * 1024
_PERSON = re.compile(r"(?P<name>[^<>\0\n]*)<(?P<mail>[^<>\0\n]*)>")
# What git takes off the ends of a name; it refuses a name of nothing else.
_CRUD = " .,:;<>\"\\'\t"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when, as git takes it: the date is raw (`1700000000 +0100`)."""

    name: str
    mail: str
    date: str


def ours_at(seconds: int) -> Signature:
    """AiWorker itself, at a time in seconds since 1970."""
    return Signature("AiWorker", OUR_MAIL, f"{seconds} +0000")


def person(text: str) -> tuple[str, str]:
    """The name and the mail of `Name <mail>`. Raises: Invalid."""
    found = _PERSON.fullmatch(text.strip())
    if found is None:
        raise Invalid("An author is written as `Name <mail>`.", code="author_invalid")
    return found["name"].strip(), found["mail"].strip()


async def commit_tree(
    git: Git, tree: str, parents: Sequence[str], message: str, author: Signature, committer: Signature
) -> str:
    """Write a commit; its name. No ref moves."""
    named = [part for parent in parents for part in ("-p", parent)]
    extra = _identity("AUTHOR", author) | _identity("COMMITTER", committer)
    return await git.text("commit-tree", *named, "-F", "-", tree, stdin=message.encode(errors="replace"), extra=extra)


async def first_commit(git: Git, message: str, who: Signature) -> str:
    """Write a commit without a parent and without a file; its name."""
    return await commit_tree(git, await git.text("mktree"), (), message, who, who)


async def write_tag(git: Git, tag: str, commit: str, message: str, tagger: Signature) -> str:
    """Write an annotated tag object; its name. No ref is made."""
    who = f"{_usable(tagger)} <{tagger.mail}> {tagger.date}"
    body = f"object {commit}\ntype commit\ntag {tag}\ntagger {who}\n\n{message.strip()}\n"
    return await git.text("mktag", stdin=body.encode(errors="replace"))


async def read_files(git: Git, commit: str, paths: Sequence[str]) -> list[bytes]:
    """What small files hold in a commit, by one run of git; empty for those that are missing or beyond 1 MiB."""
    asked = "".join(f"{commit}:{path}\n" for path in paths).encode()
    sizes = await git.text("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", stdin=asked)
    small = [
        line.split(" ")[0] if " blob " in line and int(line.split(" ")[2]) <= _SMALL else None
        for line in sizes.splitlines()
    ]
    return [
        b"" if name is None else (await git.run("cat-file", "blob", name, max_output=_SMALL + 1)).out for name in small
    ]


def _identity(role: str, signature: Signature) -> dict[str, str]:
    return {
        f"GIT_{role}_NAME": _usable(signature),
        f"GIT_{role}_EMAIL": signature.mail if signature.mail.strip(_CRUD) else "unknown",
        f"GIT_{role}_DATE": f"@{signature.date}",
    }


def _usable(signature: Signature) -> str:
    return signature.name if signature.name.strip(_CRUD) else signature.mail.strip(_CRUD) or "Unknown"
