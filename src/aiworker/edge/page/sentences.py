"""Every sentence that the server says by code, for the page: `python -m aiworker.edge.page.sentences` writes them."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator

from aiworker.core.sayings import Sentence

_ROOMS = ("adapters", "delivery", "edge", "engine", "git", "sdk", "wire")
_VALUE = re.compile(r"\{(\w+)[^}]*\}")
_HEAD = """/* Written by `npm run api`: what the server says by code. Each language has words for all of it. */
export const sentences = {
"""


def sentences() -> Iterator[Sentence]:
    """All of them, by code; the same one is told once."""
    found: dict[str, Sentence] = {}
    for name in _ROOMS:
        room = importlib.import_module(f"aiworker.{name}")
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Sentence) and found.setdefault(value.code, value) != value:
                    raise AssertionError(f"two sentences have the code {value.code}")
    yield from sorted(found.values(), key=lambda sentence: sentence.code)


def as_typescript() -> str:
    """The file of the page."""
    english = {one.code: _VALUE.sub(r"{{\1}}", one.english) for one in sentences()}
    lines = (f"  {code}: {json.dumps(text, ensure_ascii=False)},\n" for code, text in english.items())
    return f"{_HEAD}{''.join(lines)}}} as const;\n"


if __name__ == "__main__":
    print(as_typescript(), end="")  # noqa: T201 (that is what it is for)
