"""A Gitea that is slow, limited, half away, or gives the token too little."""

import asyncio
from pathlib import Path

import pytest

from aiworker.adapters.forge.gitea import Client, GiteaForge
from aiworker.core.errors import AiWorkerError, Conflict, Denied, Invalid, Limited, NotFound, Unavailable
from tests.integration.gitea.conftest import NAME, World
from tests.support.gitea import Answer, Cut
from tests.support.http_server import free_socket

_PULLS = f"POST /repos/{NAME}/pulls"
_COMMENTS = f"POST /repos/{NAME}/issues/1/comments"


@pytest.mark.parametrize("trouble", [Answer(502), Answer(503), Cut(), Answer(429, headers={"Retry-After": "1"})])
async def test_what_only_reads_is_asked_again(world: World, trouble: Answer | Cut):
    world.gitea.trouble(f"GET /repos/{NAME}", trouble, trouble)

    assert (await world.forge.get_repository(NAME)).default_branch == "main"


@pytest.mark.parametrize("after", [False, True])
async def test_a_pull_request_whose_answer_was_lost_is_opened_once(world: World, after: bool):
    await world.task()
    world.gitea.trouble(_PULLS, Cut(after=after))

    opened = await world.forge.open_pull_request(NAME, head="task", base="main", title="T", body="")

    assert opened.number == 1
    assert len(world.repository.pulls()) == 1


async def test_a_pull_request_that_another_opened_at_the_same_moment_is_taken(world: World):
    await world.task()
    made = await asyncio.gather(
        *(world.forge.open_pull_request(NAME, head="task", base="main", title="T", body="") for _ in range(3))
    )

    assert {one.number for one in made} == {1}


@pytest.mark.parametrize("after", [False, True])
async def test_a_comment_whose_answer_was_lost_is_said_once(world: World, after: bool):
    await world.opened()
    world.gitea.trouble(_COMMENTS, Cut(after=after), Answer(502))

    await world.forge.comment(NAME, 1, "Shipped.")

    assert [one.body for one in world.repository.entries[1].comments] == ["Shipped."]


async def test_a_gitea_that_stays_away_is_unavailable_and_not_asked_for_ever(world: World):
    world.gitea.trouble(f"GET /repos/{NAME}", *[Answer(503)] * 50)

    with pytest.raises(Unavailable) as away:
        await world.forge.get_repository(NAME)
    assert away.value.code == "gitea_away"
    assert world.gitea.asked.count(f"GET /repos/{NAME}") < 10


async def test_a_limit_that_does_not_end_is_told_with_when_to_come_back(world: World):
    world.gitea.trouble(f"GET /repos/{NAME}", *[Answer(429, headers={"Retry-After": "7"})] * 50)

    with pytest.raises(Limited) as limited:
        await world.forge.get_repository(NAME)
    assert limited.value.retry_after == 7


async def test_nobody_listening_is_unavailable(tmp_path: Path):
    with free_socket() as silent:
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", "token", patience=0)
        forge = GiteaForge(tmp_path, client, "http://127.0.0.1:3000")

        for call in (forge.get_pull_request(NAME, 1), forge.head(NAME, "main"), forge.account(NAME)):
            with pytest.raises(Unavailable):
                await call
        await forge.close()


async def test_an_answer_that_is_not_giteas_is_unavailable(world: World):
    world.gitea.trouble(f"GET /repos/{NAME}", Answer(200, "this is some other program's page"))

    with pytest.raises(Unavailable, match="not Gitea's"):
        await world.forge.get_repository(NAME)


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        ({"write:issue", "read:user"}, "repository"),
        ({"read:repository", "write:issue", "read:user"}, "write:repository"),
        ({"write:repository", "read:user"}, "read:issue"),
        ({"write:repository", "read:issue", "read:user"}, "write:issue"),
    ],
)
async def test_a_scope_that_the_token_lacks_is_named(world: World, tmp_path: Path, scopes: set[str], missing: str):
    await world.opened()
    world.gitea.user("aiworker", token="weak", scopes=frozenset(scopes))
    weak = GiteaForge(tmp_path / "weak", Client(world.gitea.url, "weak", patience=0), "http://127.0.0.1:3000")

    async def work() -> None:
        await weak.get_pull_request(NAME, 1)
        await weak.create_branch(NAME, "new", at=world.ada.head("main"))
        await weak.comment(NAME, 1, "Words")

    with pytest.raises(Denied, match=missing):
        await work()
    await weak.close()


async def test_a_token_that_is_not_known_is_told(world: World, tmp_path: Path):
    for token, code in (("wrong", "gitea_token_refused"), (None, "gitea_token_missing")):
        forge = GiteaForge(tmp_path / str(token), Client(world.gitea.url, token, patience=0), "http://127.0.0.1:3000")
        for call in (forge.get_repository(NAME), forge.head(NAME, "main")):
            with pytest.raises(Denied) as refused:
                await call
            assert refused.value.code == code
        await forge.close()


async def test_a_repository_that_is_not_there_is_not_found(world: World):
    for call in (world.forge.get_repository("Team/nothing"), world.forge.head("Team/nothing", "main")):
        with pytest.raises(NotFound):
            await call


@pytest.mark.parametrize("name", ["Team/..", "../shop", "Team/shop/more", "Team/", "/shop", "Te am/shop", "Team/x.git"])
async def test_a_name_that_is_none_is_refused_before_anybody_is_asked(world: World, name: str):
    before = len(world.gitea.asked)

    for call in (world.forge.get_repository(name), world.forge.head(name, "main")):
        with pytest.raises(Invalid):
            await call
    assert len(world.gitea.asked) == before


async def test_an_archived_repository_takes_nothing_and_says_so(world: World):
    await world.opened()
    world.repository.archived = True

    for call in (
        lambda: world.forge.create_branch(NAME, "new", at=world.ada.head("main")),
        lambda: world.forge.close_pull_request(NAME, 1),
        lambda: world.forge.adopt(f"{world.gitea.url}/{NAME}"),
    ):
        with pytest.raises(Conflict) as refused:
            await call()
        assert refused.value.code == "repository_archived"
    assert await world.forge.head(NAME, "main") == world.ada.head("main")


async def test_a_repository_with_another_name_by_now_is_found_by_its_old_one(world: World):
    commit = await world.opened()
    world.gitea.world.rename(world.repository, "store")

    assert (await world.forge.get_repository(NAME)).name == "Team/store"
    assert (await world.forge.get_pull_request(NAME, 1)).head_commit == commit
    await world.forge.comment(NAME, 1, "Still there?")
    assert await world.forge.create_branch(NAME, "new", at=commit) == commit


@pytest.mark.parametrize("trouble", [Answer(502), Answer(429), Cut()], ids=["502", "429", "cut"])
async def test_git_asks_again_when_it_was_not_answered(world: World, trouble: Answer | Cut):
    commit = await world.task()
    world.gitea.trouble(f"* /{NAME}.git/*", trouble, trouble)

    assert await world.forge.head(NAME, "task") == commit


@pytest.mark.parametrize("after", [False, True])
async def test_a_push_whose_answer_was_lost_is_done_once(world: World, after: bool):
    commit = await world.task()
    world.gitea.trouble(f"POST /{NAME}.git/git-receive-pack", Cut(after=after))

    await world.forge.create_branch(NAME, "new", at=commit)
    world.gitea.trouble(f"POST /{NAME}.git/git-receive-pack", Cut(after=after))
    await world.forge.tag(NAME, "release-1", at=commit, message="Release 1")
    world.gitea.trouble(f"POST /{NAME}.git/git-receive-pack", Cut(after=after))
    await world.forge.delete_branch(NAME, "task")

    assert world.repository.branches().keys() == {"main", "new"}
    assert world.repository.git("rev-parse", "release-1^{commit}") == commit


async def test_the_token_is_in_no_file_and_in_no_error(world: World):
    await world.opened()
    world.gitea.trouble(f"GET /{NAME}.git/*", *[Answer(500)] * 10)

    with pytest.raises(AiWorkerError) as broken:
        await world.forge.head(NAME, "main")
    assert "token-aiworker" not in str(broken.value)
    for file in (world.folder / "mirrors").rglob("*"):
        assert not file.is_file() or b"token-aiworker" not in file.read_bytes(), file
