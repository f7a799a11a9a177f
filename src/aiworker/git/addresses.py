"""Where another repository is, with what may be shown of that kept apart from what may not."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from aiworker.core.errors import Invalid
from aiworker.core.sayings import Sentence

_TOO_LONG = Sentence("address_too_long", "The address of a repository is 1 to 2,000 printable characters.")
_NO_FORM = Sentence(
    "address_of_no_form",
    "A repository is given by an absolute path, by a URL (https, http, ssh, git, file) or as user@host:path.",
)
_PASSWORD = Sentence("address_with_password", "Only https and http take a password; ssh takes a key.")
_NO_HOST = Sentence("address_without_host", "The address needs a host and a path, without `?` and `#`.")
_USER = Sentence("address_user_unprintable", "The user and the password in the address are printable characters.")
_LONGEST = 2_000
# An absolute path, a URL of a protocol that git brings itself, or `user@host:path`. No host may look like an option.
_FORM = re.compile(
    r"/.*|file:///.+|(?:git|https?|ssh)://(?:[^/]*@)?[^/@-][^/@]*/.+"
    r"|(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9_.-]*:[^:/-].*"
)
_HTTP = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class SshKey:
    """The file of a private key (None: what ssh finds by itself), and the file of the hosts that are known.

    `strict`: only those in it are trusted; else one that is met for the first time is written down there.
    """

    file: Path | None
    known_hosts: Path
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is what git is told and people are shown; the user and the password for it never leave our hands."""

    url: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    key: SshKey | None = None

    @property
    def folder(self) -> Path | None:
        """Where it is on this machine; None if it is reached over a network."""
        if self.url.startswith("/"):
            return Path(self.url)
        return Path(unquote(self.url.removeprefix("file://"))) if self.url.startswith("file:///") else None

    @property
    def place(self) -> str:
        """`https://host:port`: where the credential is good."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def credential(self) -> str | None:
        """`user:password` as a URL holds it; None if there is none."""
        if self.user is None:
            return None
        return f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}"

    def with_credential(self, credential: str | None) -> str:
        """The address as `read` takes it."""
        return self.url if credential is None else self.url.replace("://", f"://{credential}@", 1)


def read(source: str) -> Address:
    """An address to fetch from: an absolute path, a URL of a protocol that git brings, or `user@host:path`.

    Raises: Invalid.
    """
    if not source or len(source) > _LONGEST or not _is_text(source):
        raise Invalid(_TOO_LONG(), code="upstream_invalid")
    if _FORM.fullmatch(source) is None:
        raise Invalid(_NO_FORM(), code="upstream_invalid")
    if source.startswith(_HTTP):
        return _over_http(source)
    if "://" in source and ":" in urlsplit(source).netloc.rpartition("@")[0]:
        raise Invalid(_PASSWORD(), code="upstream_invalid")
    return Address(source)


def _over_http(source: str) -> Address:
    refused = Invalid(_NO_HOST(), code="upstream_invalid")
    try:
        parts = urlsplit(source)
        known = parts.hostname is not None and parts.port != 0
    except ValueError:
        raise refused from None
    if not known or parts.query or parts.fragment:
        raise refused
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return Address(source)
    user, _, password = userinfo.partition(":")
    user, password = unquote(user), unquote(password)
    if not (_is_text(user) and _is_text(password)):
        raise Invalid(_USER(), code="upstream_invalid")
    return Address(parts._replace(netloc=host).geturl(), user, password)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return not any(ord(character) < ord(" ") or ord(character) == 127 for character in text)  # noqa: PLR2004 (ASCII)
