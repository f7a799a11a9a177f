"""Amounts of cpu and memory."""

import re
from typing import Final

from aiworker.adapters.runtime.commands import NO_CPU, parse_memory
from aiworker.core.errors import Invalid

_CPU: Final = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,3}))?(m?)")


def millicores(text: str) -> int:
    """`500m` is 500, `1.5` is 1500. Raises: Invalid."""
    found = _CPU.fullmatch(text)
    whole, part, unit = found.groups() if found is not None else ("0", None, "")
    amount = int(whole) if unit else int(whole) * 1000 + int((part or "0").ljust(3, "0"))
    if amount == 0 or (unit and part):
        raise Invalid(NO_CPU(limit=text[:40]), code="invalid_limit")
    return amount


def cpu(text: str, times: int = 1) -> str:
    """So many times an amount of cpu, as the API writes it. Raises: Invalid."""
    return f"{millicores(text) * times}m"


def memory(text: str, times: int = 1) -> str:
    """So many times an amount of memory (`512Mi`), as the API writes it. Raises: Invalid."""
    return str(parse_memory(text) * times)
