"""`doctor`: look at this machine and at every neighbour, and say what to do."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Awaitable, Callable

from aiworker.cli.client import connect
from aiworker.cli.findings import report
from aiworker.cli.output import Json
from aiworker.cli.starters import Finding, Mark, Starters
from aiworker.core.errors import AiWorkerError
from aiworker.core.settings import ClientSettings, load_settings

# The first git with `merge-tree --write-tree`.
_OLDEST_GIT = (2, 38)
_LEAST_SPACE = 1024**3


def doctor_command(starters: Starters) -> Callable[..., Awaitable[None]]:
    """The command `doctor`."""

    async def doctor(*, json: Json = False) -> None:
        """Check this machine, the settings, the database and the server, and say what to do."""
        settings = load_settings(ClientSettings)
        findings = [_git(), *_home(settings), _boundary()]
        try:
            findings += await starters.check_database()
        except AiWorkerError as error:
            findings.append(Finding("database", Mark.BAD, error.message))
        try:
            findings += await starters.check_neighbours()
        except AiWorkerError as error:
            findings.append(Finding("settings", Mark.BAD, error.message))
        findings += _server()
        report(findings, json=json)

    return doctor


def _git() -> Finding:
    program = shutil.which("git")
    if program is None:
        return Finding("git", Mark.BAD, "git is missing.", "As root: apt-get install git")
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"(\d+)\.(\d+)(\.\d+)?", text)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST_GIT:
        wanted = ".".join(map(str, _OLDEST_GIT))
        return Finding("git", Mark.BAD, f"{text.strip() or program} is too old.", f"Install git {wanted} or newer.")
    return Finding("git", Mark.GOOD, text.strip())


def _home(settings: ClientSettings) -> list[Finding]:
    home = settings.home
    if not home.exists():
        return [Finding("data", Mark.GOOD, f"{home} will be made by the first `aiworker up`.")]
    if not os.access(home, os.W_OK):
        return [Finding("data", Mark.BAD, f"{home} cannot be written.", "Set AIWORKER_HOME to a folder that can be.")]
    open_keys = [
        Finding("keys", Mark.BAD, f"{file} can be read by others.", f"chmod 600 {file}")
        for file in (settings.admin_key_file, home / "secret.key")
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077
    ]
    free = shutil.disk_usage(home).free
    space = Mark.GOOD if free >= _LEAST_SPACE else Mark.WARNING
    return [*open_keys, Finding("data", space, f"{home}, {free / 1024**3:.1f} GiB free.")]


def _boundary() -> Finding:
    return Finding(
        "isolation",
        Mark.WARNING,
        "Agents and previews that run under your user can read what you can read.",
        "Give work from strangers a user, a container or a cluster of its own.",
    )


def _server() -> list[Finding]:
    try:
        with connect() as server:
            health = server.health()
    except AiWorkerError as error:
        return [Finding("server", Mark.WARNING, error.message)]
    neighbours = [
        Finding(f"server's {name}", Mark.GOOD if state == "ok" else Mark.BAD, state)
        for name, state in (health.get("checks") or {}).items()
    ]
    return [Finding("server", Mark.GOOD, f"{server.url} answers, version {health.get('version')}."), *neighbours]
