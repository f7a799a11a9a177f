"""How a repository's address and its name in Gitea belong together."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from aiworker.core.errors import Invalid
from aiworker.git import addresses
from aiworker.git.addresses import Address, SshKey

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


@dataclass(frozen=True, slots=True)
class Ssh:
    """Git goes over SSH to `url` (ssh://git@git.example.com:22) instead of over HTTPS with the token."""

    url: str
    key: SshKey


def ssh_of(url: str | None, key: Path | None, home: Path) -> Ssh | None:
    """How git goes to Gitea over SSH, if it does.

    Where there is a file `known_hosts` beside the key, no other host is trusted; else there is one of our own, and a
    host that is met for the first time is written down in it.
    """
    if url is None:
        return None
    file = None if key is None else key.expanduser().absolute()
    given = None if file is None else file.with_name("known_hosts")
    if given is not None and given.is_file():
        return Ssh(url.rstrip("/"), SshKey(file, given, strict=True))
    return Ssh(url.rstrip("/"), SshKey(file, home / "known_hosts"))


def clone_address(url: str, name: str, token: str | None, ssh: Ssh | None = None) -> Address:
    """Where git fetches from and pushes to, with the credential that it gets there. Raises: Invalid."""
    split(name)
    if ssh is not None:
        return Address(f"{ssh.url}/{name}.git", key=ssh.key)
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
