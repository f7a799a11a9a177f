"""How a project is run, as people write it: read when it is saved, and read again before it is used.

Each reader raises RuleBroken for what could not be run.
"""

import re
import shlex
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import PurePosixPath
from string import Template
from typing import Final

from aiworker.wire import rules
from aiworker.wire.rules import RuleBroken

# What the shell takes for itself where it is not quoted, and words that only a shell knows.
_QUOTED: Final = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""")
_OF_A_SHELL: Final = re.compile(r"[|&;<>`]|\$\(|\$\{\w+[^\w}]")
_SHELL_WORDS: Final = frozenset({".", "cd", "eval", "exec", "export", "source"})
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_MEMORY: Final = re.compile(r"([0-9]{1,12})(Ki|Mi|Gi|K|M|G|)")
_CPU: Final = re.compile(r"([0-9]{1,6})m|[0-9]{1,6}(?:\.[0-9]{1,3})?")
_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
_PATH: Final = re.compile(r"/[!-~]{0,2000}")
_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?"
IMAGE_REFERENCE: Final = re.compile(
    rf"(?P<repository>(?:{_HOST}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_LONGEST_IMAGE = 255
_PLACE: Final = re.compile(
    r"(?P<to>[0-9a-f.:]+/[0-9]{1,3}|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?"
)
_PORT: Final = re.compile(r"[0-9]{1,5}")
_HIGHEST_PORT = 65_535


def command(text: str, **known: str) -> list[str]:
    """A command line as a program and its arguments; `$PORT` and the like are filled in from `known`.

    There is no shell in between: a command that needs one says so (`sh -c '…'`).
    """
    if "\0" in text:
        raise RuleBroken(rules.NO_NUL())
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise RuleBroken(rules.UNCLOSED()) from error
    if not words or not words[0]:
        raise RuleBroken(rules.NO_PROGRAM())
    if _OF_A_SHELL.search(_QUOTED.sub("_", text)) or words[0] in _SHELL_WORDS or _ASSIGNMENT.match(words[0]):
        raise RuleBroken(rules.NEEDS_SHELL())
    return [Template(word).safe_substitute(known) for word in words]


def memory(text: str) -> int:
    """`512Mi`, `1G` or plain bytes, in bytes."""
    found = _MEMORY.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise RuleBroken(rules.MEMORY())
    return int(found[1]) * _UNITS[found[2]]


def cpu(text: str) -> float:
    """`500m`, `2` or `0.5`, in cores."""
    found = _CPU.fullmatch(text)
    cores = 0.0 if found is None else int(found[1]) / 1_000 if found[1] else float(text)
    if cores <= 0:
        raise RuleBroken(rules.CPU())
    return cores


def folder(text: str) -> PurePosixPath:
    """A folder of the repository, from its root. Where links lead is seen only once its files are there."""
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or "\0" in text:
        raise RuleBroken(rules.FOLDER(example="public"))
    return path


def manifests(text: str, environment: str) -> PurePosixPath:
    """The folder of an environment's manifests: a slash before it changes nothing."""
    path = text.replace("{environment}", environment).strip("/")
    if "{" in path or "}" in path:
        raise RuleBroken(rules.HOLES(known="{environment}"))
    return folder(path)


def url_path(text: str) -> str:
    """A path as it stands in a request."""
    if _PATH.fullmatch(text) is None:
        raise RuleBroken(rules.URL_PATH())
    return text


def image(text: str, **known: str) -> re.Match[str]:
    """An image by its name, with `{commit}` and `{branch}` filled in from `known`: repository, tag and digest."""
    if any(hole not in known for hole in _HOLE.findall(text)):
        raise RuleBroken(rules.HOLES(known=", ".join(f"{{{name}}}" for name in known)))
    found = IMAGE_REFERENCE.fullmatch(_HOLE.sub(lambda hole: known[hole[1]], text.strip()))
    if found is None or len(found["repository"]) > _LONGEST_IMAGE:
        raise RuleBroken(rules.IMAGE(example="registry.example/team/shop:{commit}"))
    return found


def place(text: str) -> tuple[str, int | None]:
    """Where a program may connect to: a network as its address, or a namespace by name; and the port, if it is one."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise RuleBroken(rules.PLACE())
    to = found["to"]
    try:
        return str(ip_network(to, strict=False)) if "/" in to else to, port(found["port"]) if found["port"] else None
    except ValueError as error:
        raise RuleBroken(rules.PLACE()) from error


def port(text: str) -> int:
    """A port from 1 to 65535."""
    if _PORT.fullmatch(text) is None or not 0 < int(text) <= _HIGHEST_PORT:
        raise RuleBroken(rules.PORT())
    return int(text)


def checked(read: Callable[[str], object]) -> Callable[[str], str]:
    """For a field that is kept as it was written, if it can be read."""

    def check(text: str) -> str:
        read(text)
        return text

    return check
