"""The command lines and limits that people write, as the operating system wants them."""

import re
import shlex
from string import Template
from typing import Final

from aiworker.core.errors import Invalid

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
        raise Invalid(f"The command `{text}` cannot be read: {error}.", code="invalid_command") from error
    if not words or "\0" in text:
        raise Invalid("The command is empty or holds a NUL character.", code="invalid_command")
    if _ASSIGNMENT.match(words[0]) or any(word in _SHELL_WORDS or word.endswith(";") for word in words):
        raise Invalid(
            f"The command `{text}` needs a shell, and commands run without one: write sh -c '…' around it, "
            "or put it into a script of the repository.",
            code="invalid_command",
        )
    return [Template(word).safe_substitute(known) for word in words]


def parse_memory(text: str) -> int:
    """`512Mi`, `1G` or plain bytes, in bytes.

    Raises: Invalid.
    """
    match = _LIMIT.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise Invalid(f"The memory limit `{text}` is not a size such as 512Mi or 1G.", code="invalid_limit")
    return int(match[1]) * _UNITS[match[2]]


def parse_cpu(text: str) -> float:
    """`500m`, `2` or `0.5`, in cores.

    Raises: Invalid.
    """
    match = _CPU.fullmatch(text)
    cores = 0.0 if match is None else int(match[1]) / 1_000 if match[1] else float(text)
    if cores <= 0:
        raise Invalid(f"The CPU limit `{text}` is not a number of cores such as 500m or 2.", code="invalid_limit")
    return cores
