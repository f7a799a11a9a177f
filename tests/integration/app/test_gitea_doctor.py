"""What `doctor` says of Gitea."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.app.gitea_doctor import gitea_findings
from aiworker.cli.starters import Finding, Mark
from aiworker.core.settings import Settings, load_settings
from aiworker.storage.migrate import upgrade
from aiworker.storage.urls import database_url
from tests.support.gitea import FakeGitea, fake_gitea
from tests.support.house import open_house
from tests.support.keeper import free_port
from tests.support.ssh import ssh_in_front
from tests.support.yard import gitea_yard


@pytest.fixture
async def gitea(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeGitea]:
    for name in ("DATABASE_URL", "DB_HOST", "AIWORKER_PUBLIC_URL", "GITEA_URL", "GITEA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))
    await upgrade(database_url(settings()))
    async with fake_gitea(tmp_path / "gitea") as made:
        monkeypatch.setenv("GITEA_URL", made.url)
        monkeypatch.setenv("GITEA_TOKEN", "token-aiworker")
        yield made


def settings() -> Settings:
    return load_settings(Settings, env_file=None)


def told(findings: list[Finding], mark: Mark) -> list[str]:
    return [finding.message for finding in findings if finding.mark is mark]


async def test_nothing_is_said_where_there_is_no_gitea(gitea: FakeGitea, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITEA_URL")
    assert list(await gitea_findings(settings())) == []


async def test_a_gitea_that_answers_is_named_with_its_version_and_our_account(gitea: FakeGitea) -> None:
    (found,) = await gitea_findings(settings())
    assert (found.mark, "1.21.8" in found.message, "aiworker" in found.message) == (Mark.GOOD, True, True)


async def test_a_missing_token_and_a_wrong_one_are_told_with_the_scopes(
    gitea: FakeGitea, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token in ("", "wrong-token-of-mine"):
        monkeypatch.setenv("GITEA_TOKEN", token)
        (found,) = await gitea_findings(settings())
        assert found.mark is Mark.BAD
        assert "wrong-token-of-mine" not in found.message
        assert found.remedy is not None
        assert "write:repository, write:issue and read:user" in found.remedy


async def test_a_gitea_that_is_away_is_bad(gitea: FakeGitea, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITEA_URL", f"http://127.0.0.1:{free_port()}")
    (found,) = await gitea_findings(settings())
    assert (found.mark, "does not answer" in found.message) == (Mark.BAD, True)


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [({"write:repository", "read:user"}, "issue"), ({"read:repository", "write:issue", "read:user"}, "repository")],
)
async def test_the_scope_that_a_projects_work_needs_and_the_token_lacks_is_named(
    gitea: FakeGitea, tmp_path: Path, scopes: set[str], missing: str
) -> None:
    async with open_house(tmp_path, gitea=gitea.url) as house:
        await gitea_yard(house, gitea)
    assert told(list(await gitea_findings(settings())), Mark.BAD) == []

    gitea.user("aiworker", scopes=frozenset(scopes))
    (bad,) = told(list(await gitea_findings(settings())), Mark.BAD)
    assert f"SHOP: The token for Gitea lacks the scope write:{missing}" in bad
    repository = gitea.world.find("Team/shop")
    assert repository is not None
    assert repository.entries == {}


async def test_an_account_that_may_not_keep_webhooks_is_a_warning(gitea: FakeGitea, tmp_path: Path) -> None:
    async with open_house(tmp_path, gitea=gitea.url) as house:
        await gitea_yard(house, gitea)
    repository = gitea.world.find("Team/shop")
    assert repository is not None
    repository.may["aiworker"] = "write"

    found = list(await gitea_findings(settings()))

    assert told(found, Mark.BAD) == []
    assert any("may not keep the webhook of Team/shop" in message for message in told(found, Mark.WARNING))


async def test_git_over_ssh_is_tried_for_each_project(
    gitea: FakeGitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path, gitea=gitea.url) as house:
        await gitea_yard(house, gitea)
    ssh = ssh_in_front(monkeypatch, tmp_path / "ssh", gitea.world.folder)
    monkeypatch.setenv("GITEA_SSH_URL", "ssh://git@git.example.com:2222")

    assert "SHOP: git reads ssh://git@git.example.com:2222/Team/shop.git." in told(
        list(await gitea_findings(settings())), Mark.GOOD
    )

    ssh.refuse("git@git.example.com: Permission denied (publickey).\n")
    (bad,) = told(list(await gitea_findings(settings())), Mark.BAD)
    assert "Permission denied (publickey)" in bad
