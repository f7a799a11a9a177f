"""What is installed without the packages that only developers need is enough to start."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Everything that a process of ours loads, with only the packages that it may count on.
START = """
import sys

unknown = set(sys.argv[1].split(","))

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in unknown:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())

import aiworker.app.agents, aiworker.app.starters, aiworker.app.stdio, aiworker.cli.demo.story, aiworker.edge.mcp
import aiworker.adapters.otlp.logs
from aiworker.storage.database import open_database

for url in ("postgresql://nobody@127.0.0.1:1/x", "mysql://nobody@127.0.0.1:1/x"):
    open_database(url)
"""


def installed_without_development() -> set[str]:
    """The names of all packages that `uv sync --no-dev --extra otlp` installs, by the lock file."""
    packages = {each["name"]: each for each in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    waiting, found = [("aiworker", ("otlp",))], set[tuple[str, str]]()
    while waiting:
        name, extras = waiting.pop()
        for extra in ("", *extras):
            if (name, extra) not in found:
                found.add((name, extra))
                wanted = (
                    packages[name].get("optional-dependencies", {}).get(extra, ())
                    if extra
                    else (packages[name].get("dependencies", ()))
                )
                waiting += [(each["name"], tuple(each.get("extra", ()))) for each in wanted]
    return {name for name, _ in found}


def test_nothing_that_a_process_loads_comes_from_a_package_for_developers() -> None:
    ours = installed_without_development()
    strangers = [
        module
        for module, names in packages_distributions().items()
        if not {name.lower().replace("_", "-").replace(".", "-") for name in names} & ours
    ]
    assert "pytest" in strangers
    done = subprocess.run(
        [sys.executable, "-c", START, ",".join(strangers)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
