"""What error messages have in common: the same sentence with other numbers, ids and names is the same error."""

import re
from typing import Final

_LONGEST: Final = 200
# In this order: what is more special goes first.
_PATTERNS: Final = (
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "ID"),
    (re.compile(r"""(?<!\w)'[^']{1,500}'(?!\w)|"[^"]{1,500}"|`[^`]{1,500}`|«[^»]{1,500}»"""), "'…'"),
    (re.compile(r"\b[a-z]+://\S+"), "URL"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+"), "ADDRESS"),
    (re.compile(r"(?<![\w/])(?:/[\w.@+-]+){2,}"), "PATH"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"), "ID"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "N"),
)


def shape(message: str | None) -> str:
    """The first line of a message without what differs from one time to the next."""
    lines = (message or "").strip().splitlines()
    text = lines[0][: 10 * _LONGEST] if lines else "no message"
    for pattern, word in _PATTERNS:
        text = pattern.sub(word, text)
    return " ".join(text.split())[:_LONGEST]
