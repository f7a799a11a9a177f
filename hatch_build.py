"""Builds the web app into the wheel: `npm ci && npm run build` in web/, unless a fresh build is already there."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = "web"
BUILT = "src/aiworker/edge/page/dist/index.html"
# Made by the build itself, or by tools beside it.
_NOT_SOURCES = frozenset({"node_modules", ".vite", "coverage"})


class PageBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel is packed. An editable installation is left alone: there `make setup` builds the page."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatch names it)
        """Raises: RuntimeError if the page has to be built and cannot be."""
        if self.target_name == "wheel" and version != "editable":
            build_page(Path(self.root))


def build_page(root: Path) -> None:
    """Build the page, if its sources are here and newer than the last build. Raises: RuntimeError if that fails."""
    if is_fresh(root):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is missing, which builds the page; install Node 20 or newer (https://nodejs.org)")
    for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run([npm, *arguments], cwd=root / SOURCES, check=False)  # noqa: S603 (fixed arguments)
        if done.returncode:
            raise RuntimeError(f"`npm {' '.join(arguments)}` failed in {SOURCES}/; what it said is above")


def is_fresh(root: Path) -> bool:
    """Whether no source is newer than the build; also where only the build was handed out, without its sources."""
    built, sources = root / BUILT, root / SOURCES
    if not (sources / "package.json").is_file():
        return built.is_file()
    return built.is_file() and built.stat().st_mtime >= max(_changed(sources))


def _changed(folder: Path) -> list[float]:
    times: list[float] = []
    for path in folder.iterdir():
        if path.name in _NOT_SOURCES:
            continue
        times.extend(_changed(path) if path.is_dir() else [path.stat().st_mtime])
    return times
