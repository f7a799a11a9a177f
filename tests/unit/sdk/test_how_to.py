"""The how-to's program and its tests, word for word."""

import re
from pathlib import Path
from typing import Any

HOW_TO = Path(__file__).parents[3] / "docs/how-to/write-a-module.md"


def test_the_how_tos_module_passes_the_how_tos_tests() -> None:
    blocks = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    program, _, tests = blocks
    names: dict[str, Any] = {"__name__": "greeter"}
    exec(program, names)
    exec(tests, names)
    written = [name for name in names if name.startswith("test_")]
    assert written == ["test_it_greets", "test_a_name_is_needed"]
    for name in written:
        names[name]()
