"""Amounts of cpu and memory, as the API writes them."""

from aiworker.wire import running


def millicores(text: str) -> int:
    """`500m` is 500, `1.5` is 1500."""
    return round(running.cpu(text) * 1_000)


def cpu(text: str, times: int = 1) -> str:
    """So many times an amount of cpu."""
    return f"{millicores(text) * times}m"


def memory(text: str, times: int = 1) -> str:
    """So many times an amount of memory (`512Mi`)."""
    return str(running.memory(text) * times)
