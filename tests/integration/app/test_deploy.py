"""The compose file and the image say nothing that the program does not understand."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from aiworker.cli.main import build_cli
from aiworker.core.settings import Settings, load_settings, variable
from tests.integration.cli.conftest import FakeStarters

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = [name for name, service in COMPOSE["services"].items() if service["image"] == "aiworker"]
KNOWN = {variable(name, field) for name, field in Settings.model_fields.items()}
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
    assert set(COMPOSE["services"]) == {"server-1", "server-2", "worker", "postgresql", "mariadb", "redis"}
    assert OURS == ["server-1", "server-2", "worker"]


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
    image = (DEPLOY / "Containerfile").read_text()
    assert "AIWORKER_HOME=/var/lib/aiworker" in image
    assert "VOLUME /var/lib/aiworker" in image


def test_the_image_sets_only_what_there_is_and_is_not_run_by_root() -> None:
    image = (DEPLOY / "Containerfile").read_text()
    last = image[image.rindex("\nFROM ") :]
    assert set(re.findall(r"\b((?:AIWORKER|LOG)_[A-Z]+)=", last)) <= KNOWN
    assert "\nUSER aiworker\n" in last
    assert "git" in last


def test_what_the_image_copies_is_there_and_let_through() -> None:
    root = DEPLOY.parent
    allowed = (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Containerfile").read_text(), flags=re.MULTILINE):
        for source in line.split():
            assert (root / source).exists(), source
            assert f"!{source.partition('/')[0]}" in allowed
