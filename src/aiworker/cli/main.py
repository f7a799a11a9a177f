"""The program `aiworker`: its commands, and how their errors become an exit status.

0: done. 1: it failed, and one sentence on standard error says why. 2: wrong use.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError
from pydantic import ValidationError

from aiworker.cli.commands import database, doctor, group, key, module, people, project, robot, schedule, task
from aiworker.cli.commands.agent import agent_command
from aiworker.cli.commands.start import start_commands
from aiworker.cli.errors import WrongUse
from aiworker.cli.starters import Starters
from aiworker.core.errors import AiWorkerError
from aiworker.wire.problems import first_problem

FAILED, WRONG_USE, INTERRUPTED, TERMINATED = 1, 2, 130, 143


def build_cli(starters: Starters) -> App:
    """The whole command line."""
    app = App(
        name="aiworker",
        help="Take a backlog to production with AI coding agents, and keep people in charge.",
        version=version("aiworker"),
        help_format="plaintext",
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    start_commands(app, starters)
    app.command(agent_command(starters))
    app.command(project.app)
    app.command(task.app)
    group.add_to(app)
    app.command(robot.app)
    app.command(module.app)
    app.command(schedule.app)
    app.command(key.app)
    app.command(people.app)
    app.command(database.database_commands(starters))
    app.command(doctor.doctor_command(starters), name="doctor")
    return app


def run(starters: Starters, arguments: Sequence[str] | None = None) -> int:
    """Run one command line (by default this process's) and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        build_cli(starters)(words, exit_on_error=False, print_error=False)
    except (CycloptsError, ValidationError, AiWorkerError) as error:
        return _complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except asyncio.CancelledError:
        return TERMINATED
    except BrokenPipeError:
        # Whoever read us (`| head`) has seen enough; the interpreter must not try to flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return 0


def _complain(error: CycloptsError | ValidationError | AiWorkerError) -> int:
    match error:
        case CycloptsError():
            sentence, status = f"{error} Try --help.", WRONG_USE
        case ValidationError():
            sentence, status = first_problem(error).words, WRONG_USE
        case WrongUse():
            sentence, status = error.message, WRONG_USE
        case _:
            sentence, status = error.message, FAILED
    sys.stderr.write(f"aiworker: {sentence}\n")
    return status
