"""Which changes of one tree may be in each other's way, told without merging them: by their paths and their lines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from aiworker.git.program import Git

# Where two edits of a file are so many unchanged lines apart, they merge; git itself asks for one.
_APART: Final = 3
_NOWHERE: Final = -_APART
# Of names, in bytes: beyond it a command line may be too long.
_MOST_NAMES: Final = 64 * 1024
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? ")
_FILE_MODES: Final = frozenset({"100644", "100755"})
# As git's merge compares: with other options it might see the edits at other lines.
_AS_MERGED: Final = ("--diff-algorithm=histogram", "--no-indent-heuristic")

# Lines of a file before it was edited, counted from 0; the second is the first that is not changed any more.
Lines = tuple[int, int]
Blobs = tuple[str, str]


@dataclass(slots=True)
class Touched:
    """What a change does to the paths of its target: `edited` files (as they were, as they are), and all `others`."""

    edited: dict[str, Blobs] = field(default_factory=dict[str, Blobs])
    others: set[str] = field(default_factory=set[str])
    folders: set[str] = field(default_factory=set[str])
    added: bool = False
    removed: bool = False

    def note(self, raw: str, path: str) -> None:
        """A line of git's raw format."""
        before, after, old, new, status = raw.removeprefix(":").split(" ")
        if status == "M" and before == after and before in _FILE_MODES:
            self.edited[path] = (old, new)
        else:
            self.others.add(path)
        self.folders.update(map(str, PurePosixPath(path).parents))
        self.added |= status == "A"
        self.removed |= status == "D"

    def is_in_the_way_of(self, other: "Touched") -> bool:
        """Whether it may be, beyond edits of one file: a path, a file where the other has a folder, a renaming."""
        return bool(
            self.others & other.others
            or not self.others.isdisjoint(other.edited)
            or not other.others.isdisjoint(self.edited)
            or self.others & other.folders
            or self.folders & other.others
            or (self.removed and other.added)
            or (self.added and other.removed)
        )

    def shared(self, other: "Touched") -> list[str]:
        """The files that both edit, and not in the very same way."""
        return [path for path, blobs in self.edited.items() if other.edited.get(path, blobs) != blobs]


async def meeting(git: Git, tree: str, others: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs (by their places, the earlier one first) of what became of `tree` that may be in each other's way."""
    touched = await _touched(git, tree, others)
    pairs = [(first, second) for second in range(len(others)) for first in range(second)]
    met = {pair for pair in pairs if touched[pair[0]].is_in_the_way_of(touched[pair[1]])}
    shared = {pair: paths for pair in pairs if pair not in met and (paths := touched[pair[0]].shared(touched[pair[1]]))}
    if shared:
        asked = {place for pair in shared for place in pair}
        paths = sorted({path for found in shared.values() for path in found})
        edits = await _edits(git, tree, [others[place] for place in sorted(asked)], paths)
        met |= {
            (first, second)
            for (first, second), found in shared.items()
            if not all(_apart(edits, touched[first].edited[path], touched[second].edited[path]) for path in found)
        }
    return [pair for pair in pairs if pair in met]


async def _touched(git: Git, tree: str, others: Sequence[str]) -> list[Touched]:
    """What differs between a tree and each of the others, by one run of git."""
    asked = "".join(f"{tree} {other}\n" for other in dict.fromkeys(others))
    listed = await git.run("diff-tree", "--stdin", "-z", "-r", "--no-renames", stdin=asked.encode())
    found = {other: Touched() for other in others}
    now = Touched()
    fields = iter(listed.out.decode(errors="replace").split("\0"))
    for each in fields:
        # Of each two trees first a line with their names.
        *compared, raw = each.split("\n")
        if compared:
            now = found[compared[-1].split(" ")[1]]
        if raw:
            now.note(raw, next(fields))
    return [found[other] for other in others]


async def _edits(git: Git, tree: str, others: Sequence[str], paths: Sequence[str]) -> Mapping[Blobs, list[Lines]]:
    """Which lines of these files each of the trees has edited, by one run of git. Too many of them: none is known."""
    if sum(len(path.encode()) + 1 for path in paths) > _MOST_NAMES:
        return {}
    asked = "".join(f"{tree} {other}\n" for other in dict.fromkeys(others)).encode()
    finished = await git.run(
        *("diff-tree", "--stdin", "-r", "--patch", "--unified=0", "--full-index", "--no-renames", "--no-ext-diff"),
        *_AS_MERGED,
        "--",
        *paths,
        stdin=asked,
        extra={"GIT_LITERAL_PATHSPECS": "1"},
        cut=True,
    )
    if finished.cut:
        return {}
    found: dict[Blobs, list[Lines]] = {}
    now: list[Lines] = []
    for line in finished.out.decode(errors="replace").split("\n"):
        if line.startswith("index "):
            old, _, new = line.split(" ")[1].partition("..")
            now = found[old, new] = []
        elif (hunk := _HUNK.match(line)) is not None:
            at, count = int(hunk[1]), int(hunk[2] or 1)
            # What is only added stands behind the line that git names.
            start = at - 1 if count else at
            now.append((start, start + count))
        elif line.startswith("Binary files "):
            now.append((0, 2**63))
    return found


def _apart(edits: Mapping[Blobs, list[Lines]], one: Blobs, other: Blobs) -> bool:
    """Whether no edit of the one is near one of the other; what is not known is near."""
    if one not in edits or other not in edits:
        return False
    ends = [_NOWHERE, _NOWHERE]
    both = [(start, end, 0) for start, end in edits[one]] + [(start, end, 1) for start, end in edits[other]]
    for start, end, whose in sorted(both):
        if start - ends[1 - whose] < _APART:
            return False
        ends[whose] = end
    return True
