"""Sentences of ours, with a code and values, so that whoever shows them can say them in other languages.

English words are stored and answered beside the code, and count where a code is missing: in old rows, and in what other
programs and people have said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Saying:
    """Something said: the English words, and what they were made of. Without a code it is somebody else's words."""

    words: str
    code: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        """The words."""
        return self.words

    def shortened(self, most: int) -> "Saying":
        """The same, its words cut to so many characters: what they were made of is whole."""
        return replace(self, words=self.words[:most])

    @property
    def told(self) -> dict[str, Any] | None:
        """What is kept beside the words: `{"code": …, "values": …}`."""
        return None if self.code is None else {"code": self.code, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that the server says: its code, which never changes, and the English, with values in braces."""

    code: str
    english: str

    def __call__(self, **values: object) -> Saying:
        """Say it. A value may be a saying, too."""
        kept = {
            name: {"words": value.words, **(value.told or {})} if isinstance(value, Saying) else value
            for name, value in values.items()
        }
        return Saying(self.english.format(**values), self.code, kept)


def keep(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Columns that hold something said, as they are stored: words in `name`, code and values in `name_told`."""
    kept = dict(values)
    for name in names:
        if name in values:
            said = values[name]
            kept[name] = said.words if isinstance(said, Saying) else said
            kept[f"{name}_told"] = said.told if isinstance(said, Saying) else None
    return kept


def as_said(words: Saying | str | None) -> Saying | None:
    """What is a sentence of ours or somebody's words, as something said."""
    return words if isinstance(words, Saying) or words is None else Saying(words)


def as_kept(words: str, told: Mapping[str, Any] | None) -> Saying:
    """What was said, out of the columns that hold it."""
    return Saying(words) if told is None else Saying(words, told["code"], told["values"])
