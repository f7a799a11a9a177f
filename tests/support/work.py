"""An agent's work in a clone, with the git program."""

import asyncio
from pathlib import Path

from aiworker.delivery.projects.records import ProjectRecord
from tests.support.agents import Agent, Json
from tests.support.checkouts import run_git
from tests.support.house import House


async def git(folder: Path, *arguments: str) -> str:
    """Run git; what it says. Fails with what it says on standard error."""
    done = await asyncio.to_thread(run_git, folder, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


async def push_work(house: House, agent: Agent, claimed: Json, key: str, project: ProjectRecord, **files: str) -> str:
    """Make the task's branch, commit the files to it (`app__py` stands for `app.py`), push; the commit."""
    made = await agent.call("create_branch", attempt=claimed["attempt"])
    clone = house.folder / f"clone-{claimed['task']['key']}-{claimed['attemptNumber']}"
    if not clone.exists():
        address = house.address(key, project)
        await git(house.folder, "clone", "--quiet", "--branch", made["branch"], address, str(clone))
    for name, content in files.items():
        (clone / name.replace("__", ".")).write_text(content)
    await git(clone, "add", "--all")
    await git(clone, "commit", "--quiet", "-m", f"Change {', '.join(files)}")
    await git(clone, "push", "--quiet", "origin", made["branch"])
    return await git(clone, "rev-parse", "HEAD")
