"""Git over SSH to Gitea."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from aiworker.adapters.forge.gitea import Client, GiteaForge, ssh_of
from aiworker.core.errors import Denied
from tests.integration.gitea.conftest import NAME, World
from tests.support.ssh import Ssh, ssh_in_front


@pytest.fixture
def ssh(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ssh:
    return ssh_in_front(monkeypatch, tmp_path / "ssh", world.gitea.world.folder)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "a key" / "id_ed25519"


@pytest.fixture
async def forge(world: World, tmp_path: Path, key: Path) -> AsyncGenerator[GiteaForge]:
    over_ssh = ssh_of("ssh://git@git.example.com:2222/", key, tmp_path / "home")
    made = GiteaForge(tmp_path / "over-ssh", Client(world.gitea.url, "token-aiworker", patience=0), "", ssh=over_ssh)
    yield made
    await made.close()


async def test_clones_and_pushes_go_over_ssh_with_the_key_and_without_the_token(
    world: World, ssh: Ssh, forge: GiteaForge, key: Path, tmp_path: Path
):
    commit = await world.task()

    assert await forge.head(NAME, "task") == commit
    await forge.move_branch(NAME, "main", to=commit, expected=await forge.head(NAME, "main"))

    assert world.repository.branches()["main"] == commit
    assert all("-oBatchMode=yes" in asked and "git@git.example.com" in asked for asked in ssh.asked)
    assert all(f"-i{key} " in asked and "-p 2222 " in asked for asked in ssh.asked)
    assert all(f"-oUserKnownHostsFile={tmp_path / 'home' / 'known_hosts'} " in asked for asked in ssh.asked)
    assert any(asked.endswith(f"git-receive-pack '/{NAME}.git'") for asked in ssh.asked)
    assert ssh.tokens == {"0"}
    assert not [asked for asked in world.gitea.asked if ".git" in asked]


@pytest.mark.parametrize(
    "words",
    [
        "git@git.example.com: Permission denied (publickey).",
        "Host key verification failed.",
        "Gitea: User: 2:aiworker with Key: 3:key is not authorized to write to Team/shop.",
    ],
)
async def test_a_key_that_gitea_does_not_let_in_is_told_with_the_setting(ssh: Ssh, forge: GiteaForge, words: str):
    ssh.refuse(f"{words}\n")

    with pytest.raises(Denied, match="GITEA_SSH_KEY") as denied:
        await forge.head(NAME, "main")
    assert words in denied.value.message


def test_only_the_hosts_beside_the_key_are_known_if_there_is_such_a_file(key: Path, tmp_path: Path):
    key.parent.mkdir()
    (key.parent / "known_hosts").write_text("git.example.com ssh-ed25519 AAAA\n")

    found = ssh_of("ssh://git@git.example.com", key, tmp_path)

    assert found is not None
    assert (found.key.strict, found.key.known_hosts) == (True, key.parent / "known_hosts")


def test_without_an_address_git_goes_over_https(key: Path, tmp_path: Path):
    assert ssh_of(None, key, tmp_path) is None
