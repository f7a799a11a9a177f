"""What could not be run, or not without danger, is refused when a project is saved, at its field and by a code."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import House, open_house
from tests.support.people import Person, person
from tests.support.tasks import in_one_task

_SHELL = "needs a shell, and commands run without one"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with in_one_task(open_house(tmp_path)) as opened:
        yield opened


@pytest.fixture
async def ada(house: House) -> AsyncIterator[Person]:
    async with in_one_task(person(house)) as someone:
        yield someone


@pytest.mark.parametrize(
    ("field", "values", "code", "words"),
    [
        ("startCommand", ["a | b", "a&&b", "echo $(id)", "cd web", "A=1 node ."], "rule_needs_shell", _SHELL),
        ("setupCommand", ["npm ci && npm run build", "make > log"], "rule_needs_shell", _SHELL),
        ("startCommand", ['node "app.js', "node \\"], "rule_unclosed", "has a quotation mark that is never closed"),
        ("startCommand", ["''"], "rule_no_program", "must name a program"),
        (
            "staticRoot",
            ["../../etc", "/etc", "web/../..", "..\\..\\etc"],
            "rule_folder",
            "must be a folder of the repo",
        ),
        ("manifestsPath", ["../other", "deploy/../.."], "rule_folder", "must be a folder of the repository"),
        ("manifestsPath", ["deploy/{place}"], "rule_holes", "may hold nothing in braces but {environment}"),
        ("healthPath", ["health", "/a b", "/salud/á"], "rule_url_path", "must be a path as in a URL"),
        ("cpuLimit", ["0", "0m", "two"], "rule_cpu", "must be a number of cores above zero"),
        ("memoryLimit", ["0", "0Mi", "512mb"], "rule_memory", "must be a size above zero"),
        ("dockerImage", ["--privileged", "my shop", "Shop:{commit}"], "rule_image", "must be the name of an image"),
        ("dockerImage", ["shop:{tag}", "{commit.__class__}"], "rule_holes", "may hold nothing in braces but {commit}"),
        ("egress", [["10.0.0.0/99"], ["databases:0"], ["a b"]], "rule_place", "must be a network (10.0.0.0/8)"),
        ("envVars", [{"A-B": "x"}, {"1A": "x"}, {"A=B": "x"}, {"A\nB": "x"}], "rule_variable", "is no name for a var"),
        ("setEnvVars", [{"A B": "x"}, {"": "x"}], "rule_variable", "is no name for a variable"),
        ("envVars", [{"PORT": "http"}], "rule_port_variable", "sets PORT to what is no port"),
        ("setEnvVars", [{"PORT": "0"}], "rule_port_variable", "sets PORT to what is no port"),
        ("defaultBranch", ["--upload-pack=x", "@{-1}"], "rule_branch", "must be the name of a branch"),
        ("k8sNamespace", ["A B", "-x"], "rule_label", "must have at most 54 small letters"),
        ("k8sStagingNamespace", ["x" * 64], "rule_label", "must have at most 63 small letters"),
        ("agentAllow", [["edits", "--dangerously-skip-permissions"]], "rule_allowed", "must be edits, git, setup"),
    ],
)
async def test_a_setting_that_could_not_be_run_is_refused_at_its_field(
    ada: Person, field: str, values: list[Any], code: str, words: str
) -> None:
    await ada.post("projects", name="Shop", key="SHOP")
    before = await ada.get("projects/SHOP")
    for value in values:
        refused = await ada.refused("PATCH", "projects/SHOP", **{field: value})
        assert (refused.status, refused.code) == (422, "invalid"), value
        (broken,) = refused.details["fields"]
        assert broken["field"].partition(".")[0] == field
        assert broken["told"]["code"] == code
        assert words in refused.message
        assert "\n" not in refused.message
        assert (await ada.refused("POST", "projects", name="Other", **{field: value})).status == 422
    assert await ada.get("projects/SHOP") == before


async def test_what_can_be_run_is_taken(ada: Person) -> None:
    await ada.post("projects", name="Shop", key="SHOP")
    settings: dict[str, Any] = {
        "setupCommand": "sh -c 'npm ci && npm run build'",
        "startCommand": 'node app.js --title "a | b" --port $PORT',
        "testCommand": "cd web && npm test",
        "staticRoot": "web/dist",
        "manifestsPath": "deploy/{environment}",
        "healthPath": "/health?deep=1",
        "cpuLimit": "1.5",
        "memoryLimit": "1Gi",
        "dockerImage": "registry.test:5000/team/shop:{branch}-{commit}",
        "egress": ["10.0.0.0/8", "databases:5432"],
        "agentAllow": ["edits", "Bash(npm run *)"],
    }
    changed = await ada.patch("projects/SHOP", **settings, setEnvVars={"PORT": "8080", "_A1": "x"})
    assert {name: changed[name] for name in settings} == settings
    assert changed["envVars"] == ["PORT", "_A1"]


@pytest.mark.parametrize("branch", ["refs/heads/..", "a..b", "HEAD", "a.lock"])
async def test_a_branch_that_git_does_not_allow_is_refused_before_anything_is_fetched(ada: Person, branch: str) -> None:
    refused = await ada.refused("POST", "projects", name="Shop", repo="/nowhere", defaultBranch=branch)
    assert (refused.status, refused.code) == (422, "branch_name_invalid")


@pytest.mark.parametrize(
    "repo",
    [
        "ssh://-oProxyCommand=touch/x",
        "ssh://me@-oProxyCommand=touch/x",
        "git@example.com:--upload-pack=x",
        "ext::sh -c x",
    ],
)
async def test_an_address_that_would_be_an_option_of_a_program_is_refused(ada: Person, repo: str) -> None:
    refused = await ada.refused("POST", "projects", name="Shop", repo=repo)
    assert (refused.status, refused.code) == (422, "upstream_invalid")
    assert refused.details["told"]["code"] == "address_of_no_form"


async def test_a_password_in_an_address_is_never_shown(ada: Person) -> None:
    address = "http://me:very-secret@127.0.0.1:9/shop.git"
    refused = await ada.refused("POST", "projects", name="Shop", repo=address)
    assert refused.code == "upstream_away"
    assert "very-secret" not in f"{refused.message}{refused.details}"
