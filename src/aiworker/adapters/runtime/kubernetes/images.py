"""The names of images: `registry.example/shop:{commit}`, with the commit and the branch filled in."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiworker.adapters.runtime.checks import as_read
from aiworker.core.errors import Invalid
from aiworker.core.sayings import Sentence
from aiworker.wire import running
from aiworker.wire.running import IMAGE_REFERENCE

_IMAGE: Final = Sentence("setting_image", "image")
_NO_BRANCH: Final = Sentence("image_without_branch", "The image `{image}` holds {unknown}, but no branch is known.")
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
    if "{branch}" in pattern and not branch:
        raise Invalid(_NO_BRANCH(image=pattern[:200], unknown="{branch}"), code="invalid_image")
    filled = partial(running.image, commit=commit, branch=tag_of(branch))
    return _image(as_read(_IMAGE, pattern, filled, code="invalid_image"), fixed="{commit}" in pattern)


def parsed(text: str) -> Image:
    """An image by its reference. Raises: Invalid."""
    return _image(as_read(_IMAGE, text, running.image, code="invalid_image"))


def repository_of(reference: str) -> str:
    """The repository that a running container's image is of, as Docker Hub's short names are written out."""
    found = IMAGE_REFERENCE.fullmatch(reference)
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


def _image(found: re.Match[str], *, fixed: bool = False) -> Image:
    digest = found["digest"] or ""
    return Image(found["repository"], found["tag"] or "", digest, fixed or bool(digest))


def _whole(reference: str) -> str:
    found = IMAGE_REFERENCE.fullmatch(reference)
    if found is None:
        return reference
    name = full_repository(found["repository"])
    return f"{name}@{found['digest']}" if found["digest"] else f"{name}:{found['tag'] or 'latest'}"
