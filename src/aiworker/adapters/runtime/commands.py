"""The command lines and limits that people write, as the operating system wants them."""

import re
import shlex
from string import Template
from typing import Final

from aiworker.core.errors import Invalid
from aiworker.core.sayings import Sentence

NO_CPU: Final = Sentence("limit_no_cpu", "The CPU limit `{limit}` is not a number of cores such as 500m or 1.5.")
_NO_MEMORY: Final = Sentence("limit_no_memory", "The memory limit `{limit}` is not a size such as 512Mi or 1G.")
_UNREADABLE: Final = Sentence("command_unreadable", "The command `{command}` cannot be read: {error}.")
_EMPTY: Final = Sentence("command_empty", "The command is empty or holds a NUL character.")
_NEEDS_SHELL: Final = Sentence(
    "command_needs_shell",
    "The command `{command}` needs a shell, and commands run without one: write sh -c '…' around it, or put it into a"
    " script of the repository.",
)
_SHELL_WORDS: Final = frozenset({"&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1"})
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_LIMIT: Final = re.compile(r"([0-9]{1,12})(Ki|Mi|Gi|K|M|G|)")
_CPU: Final = re.compile(r"([0-9]{1,6})m|[0-9]{1,6}(?:\.[0-9]{1,3})?")
_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def parse_command(text: str, **known: str) -> list[str]:
    """Split a command line into a program and its arguments; `$PORT` and the like are filled in from `known`.

    There is no shell in between: a command that needs one says so (`sh -c '…'`).

    Raises: Invalid.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Invalid(_UNREADABLE(command=text, error=str(error)), code="invalid_command") from error
    if not words or "\0" in text:
        raise Invalid(_EMPTY(), code="invalid_command")
    if _ASSIGNMENT.match(words[0]) or any(word in _SHELL_WORDS or word.endswith(";") for word in words):
        raise Invalid(_NEEDS_SHELL(command=text), code="invalid_command")
    return [Template(word).safe_substitute(known) for word in words]


def parse_memory(text: str) -> int:
    """`512Mi`, `1G` or plain bytes, in bytes.

    Raises: Invalid.
    """
    match = _LIMIT.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise Invalid(_NO_MEMORY(limit=text), code="invalid_limit")
    return int(match[1]) * _UNITS[match[2]]


def parse_cpu(text: str) -> float:
    """`500m`, `2` or `0.5`, in cores.

    Raises: Invalid.
    """
    match = _CPU.fullmatch(text)
    cores = 0.0 if match is None else int(match[1]) / 1_000 if match[1] else float(text)
    if cores <= 0:
        raise Invalid(NO_CPU(limit=text), code="invalid_limit")
    return cores
