"""How a repository's address and its name in Gitea belong together."""

import re
from urllib.parse import quote, urlsplit

from aiworker.core.errors import Invalid
from aiworker.git import addresses
from aiworker.git.addresses import Address

_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?"
_NAME = re.compile(rf"(?P<owner>{_PART})/(?P<repo>{_PART})")
_SSH = re.compile(r"(?:ssh://)?(?:[^@/]+@)?(?P<host>\[[^\]]+\]|[^:/]+)(?::\d+/|[:/])(?P<path>.+)")


def split(name: str) -> tuple[str, str]:
    """The owner and the repository of `owner/repo`. Raises: Invalid."""
    found = _NAME.fullmatch(name)
    if found is None or ".." in name or found["repo"].lower().endswith((".git", ".wiki", ".lock")):
        raise Invalid(
            "A repository in Gitea is named owner/repository, in letters, digits, dots, dashes and underscores.",
            code="repository_name_invalid",
        )
    return found["owner"], found["repo"]


def api_path(name: str, *rest: object) -> str:
    """`/repos/{owner}/{repo}/…` for the API. Raises: Invalid."""
    owner, repo = split(name)
    return "/".join(["/repos", owner, repo, *(quote(str(part), safe="") for part in rest)])


def clone_address(url: str, name: str, token: str | None) -> Address:
    """Where git fetches from and pushes to, with the credential that it gets there. Raises: Invalid."""
    split(name)
    # Gitea looks at the password alone, if it is a token.
    return Address(f"{url}/{name}.git", "aiworker", token)


def name_at(url: str, source: str) -> str | None:
    """The name of the repository at an address, if that is one of the Gitea at `url`. Raises: Invalid."""
    address = addresses.read(source)
    here = urlsplit(url)
    if address.url.startswith(("http://", "https://")):
        there = urlsplit(address.url)
        path = there.path
        if (there.hostname, _port(there.scheme, there.port)) != (here.hostname, _port(here.scheme, here.port)):
            return None
        if not path.startswith(f"{here.path.rstrip('/')}/"):
            return None
        path = path.removeprefix(here.path.rstrip("/"))
    else:
        found = _SSH.fullmatch(address.url)
        if found is None or found["host"].strip("[]").lower() != here.hostname or address.folder is not None:
            return None
        path = found["path"]
    name = path.strip("/").removesuffix(".git")
    return "/".join(split(name))


def _port(scheme: str, port: int | None) -> int | None:
    """None where it goes without saying, so that a proxy may add the `s` to `http`."""
    return None if port == (443 if scheme == "https" else 80) else port
