"""Neither the machine's git nor the upstream's has a say in what happens here."""

from pathlib import Path

import pytest

from aiworker.adapters.forge import LocalForge
from aiworker.core.errors import Unavailable
from tests.support.checkouts import Checkout, git


async def test_nothing_of_the_users_own_git_is_looked_at(
    root: Path, upstream: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[init]\n\tdefaultBranch = odd\n\ttemplateDir = /nowhere\n"
        "[core]\n\thooksPath = /nowhere\n[diff]\n\tnoprefix = true\n"
        '[commit]\n\tgpgSign = true\n[url "https://nowhere/"]\n\tinsteadOf = /\n[alias]\n\tlog = version\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.name'='nobody'")
    monkeypatch.setenv("GIT_TRACE", "1")

    forge = LocalForge(root, "http://127.0.0.1:3000")
    repository = await forge.import_repository("shop", source=str(upstream.path))
    empty = await forge.import_repository("empty", source=None)

    assert repository.default_branch == empty.default_branch == "main"
    upstream.switch("task")
    upstream.commit("Task", readme__md="two\n")
    await forge.fetch_upstream("shop", source=upstream.source, branch="task")
    patch = (await forge.diff("shop", base="main", head="task")).files[0].patch
    assert str(patch).startswith("diff --git a/readme.md b/readme.md")


async def test_an_upstream_runs_none_of_its_programs_when_it_is_read(root: Path, upstream: Checkout, tmp_path: Path):
    upstream.git("config", "uploadpack.packObjectsHook", f"touch {tmp_path}/pwned; false")
    upstream.git("config", "core.fsmonitor", f"touch {tmp_path}/pwned")
    upstream.git("config", "core.sshCommand", f"touch {tmp_path}/pwned")

    forge = LocalForge(root, "http://127.0.0.1:3000")
    await forge.import_repository("shop", source=upstream.source)

    assert not (tmp_path / "pwned").exists()


async def test_an_address_keeps_its_secret_when_it_cannot_be_read(root: Path):
    forge = LocalForge(root, "http://127.0.0.1:3000")

    with pytest.raises(Unavailable, match="does not answer") as refused:
        await forge.import_repository("shop", source="http://me:hunter2@127.0.0.1:9/shop.git")

    assert "hunter2" not in str(refused.value)


async def test_a_bare_upstreams_own_hooks_judge_what_is_pushed_to_it(
    forge: LocalForge, upstream: Checkout, tmp_path: Path
):
    git(tmp_path, "clone", "--quiet", "--bare", upstream.source, "bare.git")
    hook = tmp_path / "bare.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'Not on Fridays.' >&2\nexit 1\n")
    hook.chmod(0o755)
    await forge.tag("shop", "release-1", at=upstream.head(), message="Release 1")

    done = await forge.push_upstream("shop", source=str(tmp_path / "bare.git"), refs=["refs/tags/release-1"])

    assert [one.reason for one in done.refused] == ["pre-receive hook declined"]
