from typing import Any

import pytest

from aiworker.delivery.attempts.permissions import rule_for, with_denials


@pytest.mark.parametrize(
    ("tool", "given", "rule"),
    [
        ("Bash", {"command": "npm test"}, "Bash(npm test)"),
        ("Bash", {"command": " make lint \n"}, "Bash(make lint)"),
        ("Bash", {"command": "echo (a)"}, "Bash(echo *)"),
        ("Bash", {"command": "python3 - <<'E'\nprint(1)\nE"}, "Bash(python3 *)"),
        ("Bash", {"command": "ls " + "x" * 300}, "Bash(ls *)"),
        ("Bash", {"command": "   "}, "Bash"),
        ("Bash", {}, "Bash"),
        ("Bash", {"command": 7}, "Bash"),
        ("WebFetch", {"url": "https://user:secret@example.com:8443/a"}, "WebFetch(domain:example.com)"),
        ("WebFetch", {"url": "not a url"}, "WebFetch"),
        ("WebFetch", {"url": "https://[broken"}, "WebFetch"),
        ("mcp__files__read", {"path": "/etc"}, "mcp__files__read"),
    ],
)
def test_the_rule_is_as_narrow_as_rules_can_say(tool: str, given: dict[str, Any], rule: str) -> None:
    assert rule_for(tool, given) == rule


def test_no_more_is_kept_than_people_read() -> None:
    many = [("Bash", {"command": f"run {number}", "more": "x" * 5000}) for number in range(80)]
    kept = with_denials(None, many)
    assert len(kept) == 50
    assert kept[-1]["input"]["command"] == "run 79"
    assert len(kept[-1]["input"]["more"]) == 1000
