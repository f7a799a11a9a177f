"""What is said not to be in each other's way does go together: git merges it."""

import random
import subprocess
from itertools import combinations
from pathlib import Path

import pytest

from aiworker.git import Git
from aiworker.git.meeting import meeting

NAMES = ("a.txt", "dir/b.txt", "über blick.txt")
CHANGES = 8


def git(repository: Path, *arguments: str, told: str = "") -> str:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, input=told.encode(), capture_output=True, check=True, timeout=60).stdout.decode()


def commit_of(repository: Path, branch: str, files: dict[str, list[str]], parent: str | None) -> str:
    """A commit with these very files; its name."""
    lines = [f"commit refs/heads/{branch}", "committer Ada <ada@example.com> 1700000000 +0000", "data 1", "x"]
    lines += [f"from {parent}", "deleteall"] if parent else []
    for name, content in files.items():
        text = "".join(f"{line}\n" for line in content)
        lines += [f'M 100644 inline "{name}"', f"data {len(text.encode())}", text]
    git(repository, "fast-import", "--quiet", "--force", told="\n".join([*lines, ""]))
    return git(repository, "rev-parse", branch).strip()


def edited(start: dict[str, list[str]], chance: random.Random, words: list[str]) -> dict[str, list[str]]:
    """A few small edits, and now and then a file that goes, comes or gets another name."""
    files = {name: list(lines) for name, lines in start.items()}
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(sorted(files) or ["new.txt"])
        lines = files.setdefault(name, ["new"])
        at = chance.randrange(len(lines) + 1)
        what = chance.random()
        if what < 0.35:
            lines[at : at + 1] = [chance.choice(words)]
        elif what < 0.65:
            lines[at:at] = [chance.choice(words)] * chance.randint(1, 3)
        elif what < 0.93:
            del lines[at : at + chance.randint(1, 3)]
        elif what < 0.96:
            del files[name]
        elif what < 0.98:
            files[f"{name}-{chance.choice('xyz')}"] = files.pop(name)
        else:
            files[f"dir/{chance.choice('xyz')}"] = [chance.choice(words)]
    return files


# Few words: many places where an edit may be seen, and a merge that may see it elsewhere.
@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1_000, 1_400))]
)
async def test_what_does_not_meet_is_merged(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    repository = tmp_path / "shop.git"
    git(repository, "init", "--quiet", "--bare")
    words = [f"word {n}" for n in range(chance.choice([1, 2, 3, 6, 40]))]
    start = {name: [chance.choice(words) for _ in range(chance.randint(5, 40))] for name in NAMES}
    base = commit_of(repository, "main", start, None)
    commits = [commit_of(repository, f"task-{n}", edited(start, chance, words), base) for n in range(CHANGES)]
    trees = git(repository, "rev-parse", *(f"{commit}^{{tree}}" for commit in (base, *commits))).split()

    met = set(await meeting(Git(repository), trees[0], trees[1:]))

    apart = [pair for pair in combinations(range(CHANGES), 2) if pair not in met]
    told = "".join(f"{commits[one]} {commits[other]}\n" for one, other in apart)
    merged = git(repository, "merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages", told=told)
    assert merged.startswith("1\0") or not apart
    assert merged.count("\0") == 3 * len(apart), f"{apart}: {merged!r}"


async def test_edits_of_one_file_meet_only_where_they_are_near(tmp_path: Path) -> None:
    repository = tmp_path / "shop.git"
    git(repository, "init", "--quiet", "--bare")
    lines = [f"line {n}" for n in range(40)]
    base = commit_of(repository, "main", {"a.txt": lines, "b.txt": lines}, None)

    def at(branch: str, **where: int) -> str:
        files = {f"{name}.txt": list(lines) for name in ("a", "b")}
        for name, line in where.items():
            files[f"{name}.txt"][line] = branch
        return git(repository, "rev-parse", f"{commit_of(repository, branch, files, base)}^{{tree}}").strip()

    tree = git(repository, "rev-parse", f"{base}^{{tree}}").strip()
    trees = [at("one", a=3), at("two", a=20), at("three", a=21, b=7), at("four", b=30), at("five", a=20, b=8)]
    assert await meeting(Git(repository), tree, trees) == [(1, 2), (1, 4), (2, 4)]
    assert await meeting(Git(repository), tree, [trees[0], trees[0]]) == [], "the very same edit is in nobody's way"
