"""What a branch must hold, told from its history alone: who made each commit, and what that one changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiworker.delivery.groups.records import GroupRecord, GroupTaskRecord
from tests.support.dock import Dock, Files, Told, blob


@dataclass
class Layer:
    """What one task changed when its release went in: by path, what was there and what is there since."""

    task_id: str
    changes: dict[str, tuple[str | None, str]]


@dataclass
class Standing:
    """A branch as its history has it: its files, and the releases that are in it and were not taken back."""

    files: dict[str, str] = field(default_factory=dict[str, str])
    layers: dict[int, list[Layer]] = field(default_factory=dict[int, list[Layer]])


class Ledger:
    """`work`: what each commit of a task's branch changed; `by_hand`: what people committed to a branch themselves."""

    def __init__(self, first: str, files: Files) -> None:
        self.work: dict[str, dict[str, str]] = {}
        self.by_hand: dict[str, dict[str, str]] = {first: dict(files)}

    def read(
        self, dock: Dock, branch: str, groups: Sequence[GroupRecord], members: Mapping[str, Sequence[GroupTaskRecord]]
    ) -> Standing:
        """Raises: AssertionError for a commit that nobody accounts for."""
        made = {
            commit: (group, member)
            for group in groups
            for member in members[group.id]
            for commit in (member.staging_commit, member.production_commit)
            if commit is not None
        }
        standing = Standing()
        for told in dock.history(branch):
            if told.sha in self.by_hand:
                standing.files |= {path: blob(text) for path, text in self.by_hand[told.sha].items()}
                continue
            assert len(told.parents) == 1, told
            if told.sha in made:
                group, member = made[told.sha]
                self._lay(standing, group, member)
            else:
                self._take_back(standing, told)
        return standing

    def _lay(self, standing: Standing, group: GroupRecord, member: GroupTaskRecord) -> None:
        changes = {path: blob(text) for path, text in self.work[member.approved_commit].items()}
        before = {path: (standing.files.get(path), after) for path, after in changes.items()}
        standing.files |= changes
        standing.layers.setdefault(group.number, []).append(Layer(member.task_id, before))

    def _take_back(self, standing: Standing, told: Told) -> None:
        number = _taken_back(told.subject)
        for layer in reversed(standing.layers.pop(number)):
            for path, (before, after) in layer.changes.items():
                if standing.files.get(path) != after:
                    continue
                if before is None:
                    del standing.files[path]
                else:
                    standing.files[path] = before


def _taken_back(subject: str) -> int:
    words = subject.split()
    if words[:2] == ["Revert", "release"]:
        return int(words[2])
    assert (words[0], words[1], words[3]) == ("Take", "release", "back"), f"nobody accounts for {subject!r}"
    return int(words[2])
