"""What the story is told on: the sample shop, or a copy of somebody's own repository."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiworker.cli.demo import sample
from aiworker.core.errors import Invalid

_NOTE = "aiworker-demo.txt"
_GREETING = "AiWorker was here"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A repository, the task, the question, the change, and how to see from outside whether it is there."""

    repository: Path
    name: str
    start_command: str | None
    title: str
    description: str
    question: str
    choices: dict[str, str]
    answer: str
    change: Callable[[Path, str], None]
    path: str
    # What the page at `path` says before the change (None: there is none) and after it.
    old: str | None
    new: str

    def is_old(self, status: int, text: str) -> bool:
        """Whether this answer is from before the change."""
        if self.old is None:
            return status == 404  # noqa: PLR2004 (HTTP)
        return status == 200 and self.old in text and self.new not in text  # noqa: PLR2004

    def is_new(self, status: int, text: str) -> bool:
        """Whether this answer has the change."""
        return status == 200 and self.new in text  # noqa: PLR2004


def sample_scenario(folder: Path) -> Scenario:
    """A small shop with a history, made in `folder`."""
    sample.make_sample_repository(folder)
    return Scenario(
        repository=folder,
        name="Bean and Leaf",
        start_command=sample.START_COMMAND,
        title=sample.TASK_TITLE,
        description=sample.TASK_DESCRIPTION,
        question=sample.QUESTION,
        choices=sample.CHOICES,
        answer=sample.ANSWER,
        change=sample.apply_change,
        path="/",
        old=sample.OLD_MARKER,
        new=sample.NEW_MARKER,
    )


def own_scenario(repository: Path) -> Scenario:
    """Somebody's repository, of which only a copy is used; its files are served as they are. Raises: Invalid."""
    if not repository.is_dir():
        raise Invalid(f"There is no folder {repository}.", code="repository_missing")

    def change(clone: Path, answer: str) -> None:
        (clone / _NOTE).write_text(f"{_GREETING}, and was told: {answer}\n", encoding="utf-8")

    return Scenario(
        repository=repository.absolute(),
        name=repository.absolute().name or "Own",
        start_command=None,
        title="Leave a note",
        description=f"Add a file {_NOTE} that says that you were here.",
        question="What should the note say?",
        choices={"Hello": "Short", "Good day": "Polite"},
        answer="Hello",
        change=change,
        path=f"/{_NOTE}",
        old=None,
        new=_GREETING,
    )
