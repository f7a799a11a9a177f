"""What a branch must hold, told from its history alone: who made each commit, and what that one changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiworker.delivery.groups import by_hand
from aiworker.delivery.groups.records import GroupRecord, GroupTaskRecord
from aiworker.delivery.ports.forge import ByHand
from tests.support.dock import Dock, Files, Told, blob


@dataclass
class Layer:
    """What one commit changed when a release went in: by path, what was there and what is there since."""

    changes: dict[str, tuple[str | None, str]]


@dataclass
class Standing:
    """A branch as its history has it: its files, and the releases that are in it and were not taken back; `along` is
    what came with them that people had done on the default branch."""

    files: dict[str, str] = field(default_factory=dict[str, str])
    layers: dict[int, list[Layer]] = field(default_factory=dict[int, list[Layer]])
    along: dict[int, list[Layer]] = field(default_factory=dict[int, list[Layer]])


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
        brought = {
            laid.commit: (group, run)
            for group in groups
            for run, laid in by_hand.read(group.by_hand)
            if laid.commit is not None
        }
        standing = Standing()
        for told in dock.history(branch):
            if told.sha in self.by_hand:
                standing.files |= {path: blob(text) for path, text in self.by_hand[told.sha].items()}
                continue
            assert len(told.parents) == 1, told
            if told.sha in made:
                group, member = made[told.sha]
                standing.layers.setdefault(group.number, []).append(_lay(standing, self.work[member.approved_commit]))
            elif told.sha in brought:
                group, run = brought[told.sha]
                changes = self._run(dock, run)
                standing.along.setdefault(group.number, []).append(_lay(standing, changes))
            else:
                self._take_back(standing, told)
        return standing

    def _run(self, dock: Dock, run: ByHand) -> dict[str, str]:
        commits = dock.git("rev-list", "--first-parent", "--reverse", f"{run.since}..{run.until}").splitlines()
        assert len(commits) == run.count
        return {path: text for commit in commits for path, text in self.by_hand[commit].items()}

    def _take_back(self, standing: Standing, told: Told) -> None:
        number = _taken_back(told.subject)
        # People's own commits go back with a roll-out that failed, and stay when a release is rolled back.
        along = standing.along.pop(number, []) if told.subject.startswith("Take") else []
        for layer in reversed([*along, *standing.layers.pop(number)]):
            for path, (before, after) in layer.changes.items():
                if standing.files.get(path) != after:
                    continue
                if before is None:
                    del standing.files[path]
                else:
                    standing.files[path] = before


def _lay(standing: Standing, texts: Mapping[str, str]) -> Layer:
    changes = {path: blob(text) for path, text in texts.items()}
    before = {path: (standing.files.get(path), after) for path, after in changes.items()}
    standing.files |= changes
    return Layer(before)


def _taken_back(subject: str) -> int:
    words = subject.split()
    if words[:2] == ["Revert", "release"]:
        return int(words[2])
    assert (words[0], words[1], words[3]) == ("Take", "release", "back"), f"nobody accounts for {subject!r}"
    return int(words[2])
