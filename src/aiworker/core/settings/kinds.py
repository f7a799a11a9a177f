"""The kinds of values that settings have."""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

LogLevelName = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["json", "text"]
Port = Annotated[int, Field(ge=1, le=65_535)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$")]
SshUrl = Annotated[str, Field(pattern=r"^ssh://([A-Za-z0-9._-]+@)?[^\s/@]+\S*$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=253)]
LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
Label = Annotated[str, Field(pattern=LABEL)]


@dataclass(frozen=True, slots=True)
class DatabaseParts:
    """Where a MariaDB/MySQL server is. The parts stay apart, so that a password may hold any character."""

    host: str
    port: int
    user: str
    password: SecretStr
    name: str


def is_address(url: str) -> bool:
    """Whether a URL of Redis says where it is."""
    try:
        parts = urlsplit(url)
        database = parts.path.strip("/")
        return parts.scheme == "unix" or (
            bool(parts.hostname) and parts.port != 0 and (not database or database.isdecimal())
        )
    except ValueError:
        return False
