"""Where a project's code comes from, as a person names it."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

from rich.prompt import Prompt

from aiworker.cli.output import console

PASSWORD = "AIWORKER_REPO_PASSWORD"  # noqa: S105 (the name of a variable)


def address(repo: str | None) -> str | None:
    """A path on this machine in full, since the server works in another folder; any other address as it is, with the
    password that belongs to its user."""
    if repo is None:
        return None
    if "://" in repo:
        return _with_password(repo)
    path = Path(repo).expanduser()
    return str(path.resolve()) if path.exists() or re.match(r"\.{1,2}(/|$)|~|/", repo) else repo


def _with_password(url: str) -> str:
    """Command lines are read by everybody on the machine, so a password has another way in: asked, or a variable."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.username or parts.password is not None:
        return url
    password = os.environ.get(PASSWORD) or _asked(f"Password or token of {parts.username} at {parts.hostname}")
    if not password:
        return url
    _, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{parts.username}:{quote(password, safe='')}@{host}").geturl()


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        return ""
    return Prompt.ask(question, console=console(), password=True, default="", show_default=False)
