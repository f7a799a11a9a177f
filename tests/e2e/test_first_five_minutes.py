"""The README's first five minutes with Claude Code, word for word, in a home of their own."""

import asyncio
import json
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2

from tests.support.checkouts import Checkout
from tests.support.claude_code import bash, claude_environment, claude_program, tool
from tests.support.scenario import Call, Step, Turn
from tests.support.scripted_model import scripted_model
from tests.support.talk import Talk
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120.0
APP = """\
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

PRICE = "10 EUR"


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PRICE.encode())


if __name__ == "__main__":
    HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Shop).serve_forever()
"""
TEST = "import unittest\nimport app\n\nclass Prices(unittest.TestCase):\n    def test_a_price(self): assert app.PRICE\n"
OLD, NEW = "10 EUR", "12.10 EUR with 21 % tax"


def look(talk: Talk) -> Turn:
    """Claude Code edits only what it has read."""
    return Turn("I look.", [Call("Read", {"file_path": f"{talk.folder}/app.py"})])


def change(talk: Talk) -> Turn:
    """The agent's edit."""
    return Turn("I edit.", [Call("Write", {"file_path": f"{talk.folder}/app.py", "content": APP.replace(OLD, NEW)})])


WORK: Sequence[Step] = (
    Turn("I ask.", [tool("ask_user_question", question="Which rate?")]),
    Turn("I wait for people."),
    look,
    change,
    Turn("I test.", [bash("python3 -m unittest")]),
    Turn("I push.", [bash("git commit -qam 'Show prices with tax' && git push -q")]),
    Turn("I hand it in.", [tool("create_pull_request", summary="Prices say what people pay.")]),
    Turn("It is with you now."),
)


def told() -> list[str]:
    """The commands of the README's section, without what it says about them."""
    text = (ROOT / "README.md").read_text()
    section = text.partition("## The first five minutes")[2].partition("\n## ")[0]
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL)).splitlines()
    return [line.partition("  #")[0].strip() for line in lines if line]


class Terminal:
    """Terminals of one person, in the folder of the clone."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    async def start(self, command: str, log: Path) -> Process:
        """A command that goes on, in a terminal of its own."""
        with log.open("wb") as out:
            return await self._shell(f"exec {command}", out.fileno())

    async def run(self, command: str) -> str:
        """A command, to its end; what it said."""
        process = await self._shell(command, PIPE)
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def state(self) -> str:
        """Where the task is."""
        return json.loads(await self.run("aiworker task show SHOP-1 --json"))["state"]

    async def _shell(self, command: str, out: int) -> Process:
        return await asyncio.create_subprocess_exec(
            *("bash", "-c", command), cwd=ROOT, env=self._environment, stdin=DEVNULL, stdout=out, stderr=STDOUT
        )


async def stop(process: Process) -> None:
    """Ctrl-C."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)


async def test_the_first_five_minutes_come_true_word_for_word(tmp_path: Path) -> None:
    up, path, add, write, agent, watch, answer, approve, ship, promote, rollback = told()
    assert (up, path) == ("make up", 'export PATH="$PWD/.venv/bin:$PATH"')
    home = tmp_path / "home"
    with scripted_model(*WORK) as model:
        environment = claude_environment(home, model)
        shop = Checkout(home / "code/shop")
        shop.commit("First", app__py=APP, test_app__py=TEST)
        (home / "bin").mkdir()
        (home / "bin/claude").symlink_to(claude_program())
        here = Terminal(
            environment
            | {"PATH": f"{ROOT}/.venv/bin:{home}/bin:{environment['PATH']}"}
            | {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
        )
        async with AsyncExitStack() as stack:

            async def beside(command: str, name: str) -> Process:
                process = await here.start(command, tmp_path / name)
                stack.push_async_callback(stop, process)
                return process

            await beside(f"{await what_make_runs(here)} --port 0", "up")
            known = home / ".aiworker/server.json"
            await eventually(known.exists, within=PATIENCE_SECONDS)
            await here.run(add)
            await here.run(write)
            await beside(agent, "agent")
            await beside(watch, "watch")
            await reached(here, "needs_input")
            await here.run(answer)
            await reached(here, "ready_to_test")
            await here.run(approve)

            url = json.loads(known.read_text())["url"]
            await previewed(url, "task-shop-1")
            await here.run(ship)
            assert await says(url, "staging-shop") == NEW
            await here.run(promote)
            assert await says(url, "production-shop") == NEW
            await here.run(rollback)
            assert await says(url, "production-shop") == OLD
            seen = (tmp_path / "watch").read_text()
        assert "Which rate?" in seen
        assert "Traceback" not in "".join((tmp_path / name).read_text() for name in ("up", "agent", "watch"))


async def what_make_runs(here: Terminal) -> str:
    """`make up` sets up first, which is done already where tests run."""
    planned: Sequence[str] = (await here.run("make -n up")).splitlines()
    assert planned[0].startswith("scripts/setup")
    return planned[-1]


async def reached(here: Terminal, state: str) -> None:
    async def is_there() -> bool:
        return await here.state() == state

    await eventually(is_there, within=PATIENCE_SECONDS, every=0.2)


async def previewed(url: str, name: str) -> None:
    """A preview comes up beside the review."""

    async def is_up() -> bool:
        return await says(url, name) == NEW

    await eventually(is_up, within=PATIENCE_SECONDS)


async def says(url: str, name: str) -> str:
    """What a browser gets at an address of this machine."""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        port = httpx2.URL(url).port
        return (await http.get(url, headers={"Host": f"{name}.preview.localhost:{port}"})).text
