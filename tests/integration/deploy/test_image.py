"""The compose file and the images say nothing that the program does not understand."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from aiworker.cli.main import build_cli
from aiworker.core.settings import Settings, load_settings, variable
from tests.integration.cli.conftest import FakeStarters
from tests.support.programs import need_program

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = [name for name, service in COMPOSE["services"].items() if service["image"] == "aiworker"]
KNOWN = {variable(name, field) for name, field in Settings.model_fields.items()}
IMAGE = (DEPLOY / "Containerfile").read_text()
STAGES = {
    found[1]: found[0] for found in re.finditer(r"^FROM \S+ AS (\w+)\n(?:(?!FROM ).*\n)*", IMAGE, flags=re.MULTILINE)
}
EXAMPLE = dict(
    line.split("=", 1)
    for line in (DEPLOY / "env.example").read_text().splitlines()
    if line and not line.startswith("#")
)


def filled(text: str) -> str:
    """With the variables of the example, as compose fills them in."""

    def value(found: re.Match[str]) -> str:
        name, default = found[1], found[2] or ""
        return EXAMPLE.get(name) or default.removeprefix(":-").partition(":?")[0]

    return re.sub(r"\$\{(\w+)(:[-?][^}]*)?\}", value, text)


def test_there_are_two_servers_a_worker_and_their_neighbours() -> None:
    ours = ["migration", "server-1", "server-2", "worker"]
    assert set(COMPOSE["services"]) == {*ours, "postgresql", "mariadb", "redis"}
    assert ours == OURS


def test_the_database_is_upgraded_before_anybody_works_on_it() -> None:
    for name in OURS[1:]:
        assert COMPOSE["services"][name]["depends_on"]["migration"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", OURS)
def test_no_container_may_do_more_than_it_must(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one_of_ours_and_well_formed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = COMPOSE["services"][name]["environment"]
    assert set(environment) <= KNOWN
    for setting, text in environment.items():
        monkeypatch.setenv(setting, filled(text))
    settings = load_settings(Settings, env_file=None)
    assert settings.database_url is not None
    assert settings.secret_key is None


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_of_ours(name: str) -> None:
    build_cli(FakeStarters()).parse_args(COMPOSE["services"][name]["command"], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("name", OURS)
def test_every_process_shares_the_home_folder(name: str) -> None:
    assert COMPOSE["services"][name]["volumes"] == ["home:/var/lib/aiworker"]
    assert "AIWORKER_HOME=/var/lib/aiworker" in STAGES["base"]
    assert "VOLUME /var/lib/aiworker" in STAGES["base"]


@pytest.mark.parametrize("target", ["aiworker", "agent"])
def test_an_image_sets_only_what_there_is_and_is_not_run_by_root(target: str) -> None:
    stage = STAGES["base"] + STAGES[target]
    assert STAGES[target].startswith("FROM base AS")
    assert set(re.findall(r"\b((?:AIWORKER|LOG)_[A-Z]+)=", stage)) <= KNOWN
    # A name would not do: Kubernetes cannot tell that it is not root's.
    assert re.findall(r"^USER (.+)$", stage, flags=re.MULTILINE) == ["1000:1000"]
    assert "ca-certificates git openssh-client tini" in stage
    for tool in ("gcc", "build-essential", "npm ", "uv "):
        assert tool not in stage


def test_whoever_names_no_target_gets_the_server() -> None:
    assert list(STAGES)[-1] == "aiworker"
    assert "HEALTHCHECK" in STAGES["aiworker"]


def test_everything_is_installed_as_the_lock_files_say() -> None:
    assert all("npm ci" in line for line in IMAGE.splitlines() if "npm" in line and line.startswith("RUN npm"))
    assert all("--frozen" in line for line in IMAGE.splitlines() if "uv sync" in line)
    wanted = json.loads((DEPLOY / "agent/package.json").read_text())["dependencies"]
    locked = json.loads((DEPLOY / "agent/package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_what_the_image_copies_is_there_and_let_through() -> None:
    root = DEPLOY.parent
    allowed = (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, flags=re.MULTILINE):
        for source in line.split():
            assert (root / source).exists(), source
            assert any(source == name[1:] or source.startswith(f"{name[1:]}/") for name in allowed if name[0] == "!")


def test_the_linter_has_nothing_to_say() -> None:
    linter = need_program("hadolint", package="hadolint")
    done = subprocess.run([linter, DEPLOY / "Containerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
