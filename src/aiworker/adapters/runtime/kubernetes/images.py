"""The names of images: `registry.example/shop:{commit}`, with the commit and the branch filled in."""

import re
from dataclasses import dataclass
from typing import Final

from aiworker.core.errors import Invalid
from aiworker.core.sayings import Sentence

_UNKNOWN: Final = Sentence("image_holds_unknown", "The image `{image}` holds {unknown}; known are {known}.")
_NO_BRANCH: Final = Sentence("image_without_branch", "The image `{image}` holds {unknown}, but no branch is known.")
_NO_NAME: Final = Sentence("image_no_name", "`{image}` is not the name of an image, like {example}.")
_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?"
_REFERENCE: Final = re.compile(
    rf"(?P<repository>(?:{_HOST}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_LONGEST = 255
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_TAG = 100


@dataclass(frozen=True, slots=True)
class Image:
    """An image. `fixed`: what it names never changes (it holds a commit or a digest)."""

    repository: str
    tag: str
    digest: str
    fixed: bool

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}{'@' + self.digest if self.digest else ''}"


def expanded(pattern: str, *, commit: str, branch: str) -> Image:
    """The image of a commit. `{branch}` becomes what a tag may hold: other characters are dashes.

    Raises: Invalid.
    """
    known = {"commit": commit, "branch": tag_of(branch)}
    unknown = [hole for hole in _HOLE.findall(pattern) if hole not in known]
    if unknown:
        raise Invalid(
            _UNKNOWN(image=pattern[:200], unknown=f"{{{unknown[0][:40]}}}", known="{commit}, {branch}"),
            code="invalid_image",
        )
    if "{branch}" in pattern and not branch:
        raise Invalid(_NO_BRANCH(image=pattern[:200], unknown="{branch}"), code="invalid_image")
    return parsed(_HOLE.sub(lambda hole: known[hole[1]], pattern.strip()), fixed="{commit}" in pattern)


def parsed(text: str, *, fixed: bool = False) -> Image:
    """An image by its reference. Raises: Invalid."""
    found = _REFERENCE.fullmatch(text)
    if found is None or len(found["repository"]) > _LONGEST:
        raise Invalid(
            _NO_NAME(image=text[:200], example="registry.example/team/shop:{commit}"),
            code="invalid_image",
        )
    digest = found["digest"] or ""
    return Image(found["repository"], found["tag"] or "", digest, fixed or bool(digest))


def repository_of(reference: str) -> str:
    """The repository that a running container's image is of, as Docker Hub's short names are written out."""
    found = _REFERENCE.fullmatch(reference)
    return full_repository(found["repository"]) if found is not None else reference


def full_repository(repository: str) -> str:
    """`nginx` is `docker.io/library/nginx`."""
    first, slash, _ = repository.partition("/")
    if not slash:
        return f"docker.io/library/{repository}"
    has_host = "." in first or ":" in first or first == "localhost"
    return repository if has_host else f"docker.io/{repository}"


def same_image(one: str, other: str) -> bool:
    """Whether two references mean the same image."""
    return _whole(one) == _whole(other)


def tag_of(branch: str) -> str:
    """A branch's name as a tag can hold it: `task-shop-12/fix it` is `task-shop-12-fix-it`."""
    return _UNFIT.sub("-", branch).strip("-.")[:_LONGEST_TAG]


def _whole(reference: str) -> str:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return reference
    name = full_repository(found["repository"])
    return f"{name}@{found['digest']}" if found["digest"] else f"{name}:{found['tag'] or 'latest'}"
