"""Any program as an agent: the task in its environment and on its standard input, its commits as the work."""

import json
import shutil
from collections.abc import Sequence

from aiworker.core.errors import Unavailable
from aiworker.core.logging import without_secrets
from aiworker.runner.drivers.driver import Ending, Result, Tell, Turn, line
from aiworker.runner.program import environment, running

_LONGEST_LINE = 8_000
_LAST_LINES = 20
# No program starts with a variable of more than 128 KiB.
_LARGEST_VARIABLE = 100_000


class Command:
    """Runs `argv`. Exit status 0 hands in what it has committed, with its last lines as the summary."""

    resumes = False

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = list(argv)

    async def check(self) -> str:
        """Whether the program is there. Raises: Unavailable."""
        program = self._argv[0]
        if shutil.which(program, path=environment()["PATH"]) is None:
            raise Unavailable(f"There is no program `{program}` to run.", code="program_missing")
        return program

    async def run(self, turn: Turn, tell: Tell) -> Result:
        """One run of the program."""
        last: list[str] = []
        async with running(
            self._argv,
            cwd=turn.workspace,
            environment=environment(**_variables(turn)),
            token=turn.token,
            stdin=_task(turn),
            both=True,
        ) as program:
            async for text in program.lines(longest=_LONGEST_LINE):
                if (told := line(without_secrets(text))) is not None:
                    last = [*last[1 - _LAST_LINES :], told.message]
                    tell(told)
            status = await program.wait()
        words = "\n".join(last)
        if status == 0:
            return Result(Ending.DONE, words)
        how = f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
        return Result(Ending.FAILED, f"{self._argv[0]} {how}. {words}".strip())


def _variables(turn: Turn) -> dict[str, str]:
    work = turn.task
    task, project = work.task, work.project
    if task is None or project is None:
        raise AssertionError("there is a task")
    told = _task(turn)
    return {
        "AIWORKER_URL": turn.url,
        "AIWORKER_TOKEN": turn.key,
        "AIWORKER_TASK_KEY": task.key,
        "AIWORKER_TASK_TITLE": task.title,
        "AIWORKER_PROJECT": project.key,
        "AIWORKER_BRANCH": turn.branch,
        **({"AIWORKER_TASK": told} if len(told.encode()) < _LARGEST_VARIABLE else {}),
    }


def _task(turn: Turn) -> str:
    """As get_next_task answers, without the attempt's token: the key in AIWORKER_TOKEN stands for it."""
    told = turn.task.model_dump(mode="json", by_alias=True, exclude={"attempt", "message"})
    return json.dumps({**told, "prompt": turn.prompt}, ensure_ascii=False) + "\n"
