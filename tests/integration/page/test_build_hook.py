"""The hook that brings the page into the wheel, with an npm that only pretends."""

import os
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

HOOK = Path(__file__).parents[3] / "hatch_build.py"
Run = Callable[..., None]

NPM = """#!/bin/sh
echo "$PWD $*" >> "$(dirname "$0")/said"
if [ "$*" = "run build" ]; then
  [ -e broken ] && exit 1
  mkdir -p ../src/aiworker/edge/page/dist && echo built > ../src/aiworker/edge/page/dist/index.html
fi
exit 0
"""


class Interface:
    """What hatchling gives to a hook, as far as ours uses it."""

    def __class_getitem__(cls, _: object) -> type:
        return cls

    def __init__(self, root: str, target_name: str) -> None:
        self.root = root
        self.target_name = target_name


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    sources = tmp_path / "checkout/web/src"
    sources.mkdir(parents=True)
    (sources.parent / "package.json").write_text("{}")
    (sources / "main.tsx").write_text("// page")
    return tmp_path / "checkout"


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "npm").write_text(NPM)
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def calls() -> list[str]:
        said = folder / "said"
        return [line.partition(" ")[2] for line in said.read_text().splitlines()] if said.exists() else []

    return calls


@pytest.fixture
def build(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    name = "hatchling.builders.hooks.plugin.interface"
    stub = ModuleType(name)
    stub.BuildHookInterface = Interface  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, name, stub)
    spec = spec_from_file_location("hatch_build", HOOK)
    assert spec is not None
    assert spec.loader is not None
    hook = module_from_spec(spec)
    spec.loader.exec_module(hook)

    def run(*, target: str = "wheel", version: str = "standard") -> None:
        hook.PageBuildHook(str(checkout), target).initialize(version, {})

    return run


def index(checkout: Path) -> Path:
    return checkout / "src/aiworker/edge/page/dist/index.html"


def test_a_wheel_gets_a_page_built_from_the_lock_file(build: Run, checkout: Path, npm: Callable[[], list[str]]) -> None:
    build()

    assert npm() == ["ci --no-audit --no-fund", "run build"]
    assert index(checkout).read_text() == "built\n"


def test_a_fresh_build_is_not_built_again(build: Run, npm: Callable[[], list[str]]) -> None:
    build()
    build()

    assert len(npm()) == 2


def test_a_source_that_is_newer_than_the_build_builds_it_again(
    build: Run, checkout: Path, npm: Callable[[], list[str]]
) -> None:
    build()
    later = index(checkout).stat().st_mtime + 10
    os.utime(checkout / "web/src/main.tsx", (later, later))
    build()

    assert len(npm()) == 4


def test_installed_packages_are_no_sources(build: Run, checkout: Path, npm: Callable[[], list[str]]) -> None:
    build()
    package = checkout / "web/node_modules/react/index.js"
    package.parent.mkdir(parents=True)
    package.touch()
    later = index(checkout).stat().st_mtime + 10
    os.utime(package, (later, later))
    build()

    assert len(npm()) == 2


@pytest.mark.parametrize(("target", "version"), [("wheel", "editable"), ("sdist", "standard")])
def test_only_a_real_wheel_is_given_a_page(build: Run, npm: Callable[[], list[str]], target: str, version: str) -> None:
    build(target=target, version=version)

    assert npm() == []


def test_a_build_that_was_handed_out_without_its_sources_is_taken_as_it_is(
    build: Run, checkout: Path, npm: Callable[[], list[str]]
) -> None:
    index(checkout).parent.mkdir(parents=True)
    index(checkout).write_text("handed out")
    (checkout / "web/package.json").unlink()
    build()

    assert npm() == []


def test_a_build_that_fails_stops_the_wheel(build: Run, checkout: Path, npm: Callable[[], list[str]]) -> None:
    (checkout / "web/broken").touch()

    with pytest.raises(RuntimeError, match="npm run build"):
        build()
    assert npm()[-1] == "run build"


def test_without_npm_the_wheel_stops_with_what_to_install(build: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(RuntimeError, match="Node 20"):
        build()
