"""A project and the repository that it was made from, at every step where the two meet."""

import asyncio
import json
from pathlib import Path

import httpx2
import pytest

from aiworker.adapters.forge import LocalForge
from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.ports.forge import Fetched, Told
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import Diverged, NoRepository
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.upstream import missing_at
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope
from aiworker.wire.groups import GroupStatus
from aiworker.wire.projects import NewProject, SyncProject, UpstreamStanding, UpstreamState
from tests.support.checkouts import Checkout, everything, git
from tests.support.house import ADA, House
from tests.support.waiting import eventually
from tests.support.yard import CLAUDE, Yard, static_yard

HELLO = {"index.html": "<h1>hello</h1>\n"}


def upstream_of(house: House, key: str = "shop") -> Checkout:
    """The folder of the person whose project it is."""
    return Checkout(house.folder / f"upstream-{key}", made=True)


async def standing(house: House, project: ProjectRecord) -> UpstreamState:
    found = (await house.read(house.delivery.projects.get, project.id)).standing
    assert found is not None
    return found


async def apart(house: House, yard: Yard) -> Checkout:
    """The two have each a commit that the other lacks."""
    yard.push("main", {"ours.txt": "ours\n"}, message="Ours")
    upstream = upstream_of(house)
    upstream.commit("Theirs", theirs__txt="theirs\n")
    return upstream


# --- attempts ---


async def test_an_attempt_begins_from_what_the_upstream_has_now(house: House) -> None:
    yard = await static_yard(house)
    later = upstream_of(house).commit("Later")
    await house.task(yard.project)

    given = await house.delivery.desk.get_next_task(CLAUDE)

    assert given is not None
    assert yard.head("main") == later
    assert (await house.delivery.desk.create_branch(CLAUDE, given.attempt)).commit == later


async def test_an_upstream_that_has_moved_away_stops_no_attempt_and_is_told(house: House) -> None:
    yard = await static_yard(house)
    upstream = upstream_of(house)
    before = yard.head("main")
    upstream.path.rename(house.folder / "elsewhere")
    await house.task(yard.project)

    given = await house.delivery.desk.get_next_task(CLAUDE)
    assert given is not None
    assert (await house.delivery.desk.create_branch(CLAUDE, given.attempt)).commit == before
    noted = await standing(house, yard.project)
    assert (noted.standing, noted.message) == (
        UpstreamStanding.AWAY,
        f"Not fetched: There is no folder {upstream.path} where the server runs.",
    )
    with pytest.raises(Invalid, match="no folder"):
        await house.delivery.sync("SHOP", SyncProject())

    done = await house.delivery.sync("SHOP", SyncProject(repo=str(house.folder / "elsewhere")))
    assert done.project.upstream == str(house.folder / "elsewhere")
    assert (await standing(house, yard.project)).standing is UpstreamStanding.IN_STEP


async def test_an_upstream_that_does_not_answer_in_time_stops_no_attempt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard = await static_yard(house)
    answers = asyncio.Event()
    fetch = LocalForge.fetch_upstream

    async def silent(self: LocalForge, name: str, *, source: str, branch: str, told: Told | None = None) -> Fetched:
        await answers.wait()
        return await fetch(self, name, source=source, branch=branch, told=told)

    monkeypatch.setattr(LocalForge, "fetch_upstream", silent)
    monkeypatch.setattr("aiworker.delivery.projects.upstream._ATTEMPT_SECONDS", 0.05)
    await house.task(yard.project)
    later = upstream_of(house).commit("Later")

    assert await house.delivery.desk.get_next_task(CLAUDE) is not None
    assert (await standing(house, yard.project)).standing is UpstreamStanding.AWAY

    answers.set()
    await eventually(lambda: yard.head("main") == later)


async def test_many_who_claim_at_once_all_begin_from_the_newest(house: House) -> None:
    yard = await static_yard(house)
    later = upstream_of(house).commit("Later")
    upstreams = house.delivery.upstreams

    await asyncio.gather(*(upstreams.before_attempt(yard.project) for _ in range(5)))

    assert yard.head("main") == later


# --- releases ---


async def test_a_release_stands_on_what_the_upstream_has_now(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", HELLO)
    upstream_of(house).commit("Later", later__txt="later\n")

    group = await yard.promote(await yard.ship(task))

    assert group.status is GroupStatus.PRODUCTION, group.error
    assert yard.log("main")[:2] == ["SHOP-1: Say hello", "Later"]


async def test_shipping_goes_on_without_an_upstream_that_is_away_and_says_so(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", HELLO)
    upstream_of(house).path.rename(house.folder / "elsewhere")

    group = await yard.ship(task)

    assert group.status is GroupStatus.STAGING, group.error
    steps = await steps_of(house, group.id)
    assert steps["fetch"].startswith("Not fetched: There is no folder")
    assert steps["fetch"].endswith("It goes on from what is here.")


async def test_a_divergence_stops_shipping_until_a_person_has_brought_both_together(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", HELLO)
    upstream = await apart(house, yard)

    group = await yard.ship(task)
    assert group.status is GroupStatus.FAILED
    noted = await standing(house, yard.project)
    assert noted.standing is UpstreamStanding.DIVERGED
    assert noted.command is not None
    assert group.error == f"{noted.message} There: {noted.command}"
    assert "so nothing is shipped" in str(noted.message)
    seen = await house.delivery.reading.task(task.id)
    assert seen.waiting == noted.message
    with pytest.raises(Diverged) as refused:
        await house.delivery.sync("SHOP", SyncProject())
    assert refused.value.command == noted.command

    upstream.run(noted.command)
    done = await house.delivery.sync("SHOP", SyncProject())
    assert (done.fetched, done.ahead) == (2, 0)
    assert (await standing(house, yard.project)).standing is UpstreamStanding.IN_STEP
    assert (await house.delivery.reading.task(task.id)).waiting is None
    group = await yard.promote(await yard.ship(await house.look(task)))
    assert group.status is GroupStatus.PRODUCTION, group.error


async def test_a_divergence_stops_a_promotion_and_the_release_stays_in_staging(house: House) -> None:
    yard = await static_yard(house)
    group = await yard.ship(await yard.approved("Say hello", HELLO))
    upstream = await apart(house, yard)

    group = await yard.promote(group)
    assert group.status is GroupStatus.STAGING
    noted = await standing(house, yard.project)
    assert group.error == f"{noted.message} There: {noted.command}"

    upstream.run(str(noted.command))
    group = await yard.promote(group)
    assert (group.status, group.error) == (GroupStatus.PRODUCTION, None)


# --- after production ---


async def test_what_is_in_production_is_pushed_where_that_was_agreed(house: House, tmp_path: Path) -> None:
    yard = await static_yard(house, push_upstream=True)
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", upstream_of(house).source, str(bare))
    await house.delivery.sync("SHOP", SyncProject(repo=str(bare)))
    group = await yard.promote(await yard.ship(await yard.approved("Say hello", HELLO)))
    assert git(bare, "rev-parse", "main", "release-1^{commit}").split() == [yard.head("main")] * 2
    assert (await steps_of(house, group.id))["push"] == f"pushed main, release-1 to {bare}"

    await yard.roll_back(group)
    assert git(bare, "rev-parse", "main") == yard.head("main")
    assert git(bare, "show", "main:index.html") == "<h1>shop</h1>"


async def test_a_branch_that_is_checked_out_is_left_alone_and_the_pull_to_run_is_told(house: House) -> None:
    yard = await static_yard(house, push_upstream=True)
    upstream = upstream_of(house)
    before = upstream.head()
    group = await yard.promote(await yard.ship(await yard.approved("Say hello", HELLO)))

    assert group.status is GroupStatus.PRODUCTION
    assert (upstream.head(), upstream.git("status", "--porcelain")) == (before, "")
    assert upstream.head("release-1^{commit}") == yard.head("main")
    noted = await standing(house, yard.project)
    assert noted.standing is UpstreamStanding.REFUSED
    assert (await steps_of(house, group.id))["push"] == f"{noted.message} Run: {noted.command}"
    again = await house.delivery.sync("SHOP", SyncProject())
    assert (again.pushed, again.ahead) == ((), 1)
    assert (await standing(house, yard.project)).command == noted.command

    upstream.run(str(noted.command))
    assert upstream.head() == yard.head("main")
    assert (await house.delivery.sync("SHOP", SyncProject())).ahead == 0
    assert (await standing(house, yard.project)).standing is UpstreamStanding.IN_STEP


async def test_nothing_is_pushed_where_that_was_not_agreed(house: House) -> None:
    yard = await static_yard(house)
    upstream = upstream_of(house)
    before = everything(upstream.path)
    group = await yard.promote(await yard.ship(await yard.approved("Say hello", HELLO)))

    assert everything(upstream.path) == before
    assert (await steps_of(house, group.id))["push"].startswith("nothing is pushed there, as agreed; to have it: git")
    done = await house.delivery.sync("SHOP", SyncProject())
    assert (done.fetched, done.pushed, done.ahead) == (0, (), 1)

    upstream.switch("elsewhere")
    done = await house.delivery.sync("SHOP", SyncProject(push_upstream=True))
    assert (done.pushed, done.ahead) == (("main", "release-1"), 0)
    assert upstream.head("main") == yard.head("main")


async def test_production_runs_also_when_the_upstream_cannot_be_pushed_to(house: House) -> None:
    yard = await static_yard(house, push_upstream=True)
    group = await yard.ship(await yard.approved("Say hello", HELLO))
    upstream_of(house).path.rename(house.folder / "elsewhere")

    group = await yard.promote(group)

    assert group.status is GroupStatus.PRODUCTION
    assert "not pushed" in (await steps_of(house, group.id))["push"]
    assert (await standing(house, yard.project)).standing is UpstreamStanding.AWAY


# --- by hand ---


async def test_another_repository_does_not_become_the_upstream(house: House, tmp_path: Path) -> None:
    yard = await static_yard(house)
    other = Checkout(tmp_path / "other")
    other.commit("Another history")

    with pytest.raises(Diverged):
        await house.delivery.sync("SHOP", SyncProject(repo=other.source))
    with pytest.raises(Invalid, match="no git repository"):
        await house.delivery.sync("SHOP", SyncProject(repo=str(tmp_path)))
    project = await house.read(house.delivery.projects.get, "SHOP")
    assert project.upstream == yard.project.upstream


async def test_a_project_without_an_upstream_gets_one(house: House, tmp_path: Path) -> None:
    await house.delivery.projects.create(ADA, NewProject(name="Blog"))
    with pytest.raises(Invalid, match="name one"):
        await house.delivery.sync("BLOG", SyncProject())
    blog = Checkout(tmp_path / "blog")
    first = blog.commit("First")

    done = await house.delivery.sync("BLOG", SyncProject(repo=blog.source))

    assert (done.imported, done.project.upstream) == (False, blog.source)
    assert await house.forge.head("blog", "main") == first


async def test_a_project_from_an_older_database_says_what_it_lacks_until_its_repository_is_imported(
    house: House, tmp_path: Path
) -> None:
    project = await adopted(house)
    task = await house.task(project)
    assert (await house.delivery.reading.task(task.id)).waiting == (
        "OLD has no repository here yet; import it: aiworker project sync OLD --repo PATH_OR_URL"
    )
    assert await house.delivery.desk.get_next_task(CLAUDE) is None

    code = Checkout(tmp_path / "code", branch="trunk")
    first = code.commit("First")
    done = await house.delivery.sync("OLD", SyncProject(repo=code.source))

    assert (done.imported, done.project.default_branch) == (True, "trunk")
    given = await house.delivery.desk.get_next_task(CLAUDE)
    assert given is not None
    assert (await house.delivery.desk.create_branch(CLAUDE, given.attempt)).commit == first


async def test_an_import_that_fails_leaves_the_project_as_it_was(house: House, tmp_path: Path) -> None:
    project = await adopted(house)

    with pytest.raises(Invalid, match="no git repository"):
        await house.delivery.sync("OLD", SyncProject(repo=str(tmp_path)))

    assert (await standing(house, project)).standing is UpstreamStanding.NO_REPOSITORY
    assert (await house.read(house.delivery.projects.get, "OLD")).upstream is None


async def test_nothing_ships_from_a_project_without_its_repository(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", HELLO)
    await lose_repository(house, yard.project)

    with pytest.raises(NoRepository, match="project sync SHOP --repo"):
        await yard.ship(task)


# --- secrets ---


async def test_a_password_in_an_address_is_used_and_never_shown(house: House, tmp_path: Path) -> None:
    served = await house.project("SHOP", files=HELLO)
    record, key = await house.key("reader", Scope.ADMIN)
    address = house.address(key, served)

    project = await house.delivery.projects.create(ADA, NewProject(name="Copy", repo=address, push_upstream=True))
    assert project.upstream == f"{house.url}/git/shop.git"
    await house.delivery.upstreams.before_attempt(project)
    assert (await standing(house, project)).standing is UpstreamStanding.IN_STEP
    assert key not in (await house.delivery.reading.project("COPY")).model_dump_json()
    await house.access.revoke_key(ADA, record.id)
    with pytest.raises(Invalid) as refused:
        await house.delivery.sync("COPY", SyncProject())
    assert key not in refused.value.message
    assert not [path for path, content in everything(tmp_path).items() if key.encode() in content]


# --- making a project ---


async def test_a_project_is_made_whole_or_not_at_all(house: House, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "code")
    checkout.commit("First")
    other = Checkout(tmp_path / "other")
    other.commit("Second")

    with pytest.raises(Invalid, match="no branch nowhere"):
        await house.delivery.projects.create(
            ADA, NewProject(name="Code", repo=checkout.source, default_branch="nowhere")
        )
    project = await house.delivery.projects.create(ADA, NewProject(name="Code", repo=other.source))

    assert await house.forge.head(project.repository, "main") == other.head()


async def test_two_who_make_the_same_project_at_once_make_one(house: House, tmp_path: Path) -> None:
    sources: list[str] = []
    for number in range(3):
        checkout = Checkout(tmp_path / f"code-{number}")
        checkout.commit("First", which__txt=str(number))
        sources.append(checkout.source)
    made = await asyncio.gather(
        *(house.delivery.projects.create(ADA, NewProject(name="Code", key="CODE", repo=source)) for source in sources),
        return_exceptions=True,
    )

    (project,) = [one for one in made if isinstance(one, ProjectRecord)]
    assert all(isinstance(one, ProjectRecord | Conflict) for one in made)
    assert await house.forge.head("code", "main") == git(Path(str(project.upstream)), "rev-parse", "main")


async def test_the_making_tells_how_far_it_is_line_by_line(house: House, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "code")
    checkout.commit("First")
    _, key = await house.key("ada", Scope.ADMIN)
    async with rest(house, key) as http:
        answer = await http.post(
            "/api/projects",
            json={"name": "Code", "repo": checkout.source},
            headers={"Accept": "application/x-ndjson"},
        )
        *_, last = [json.loads(line) for line in answer.text.splitlines()]
        assert (last["success"], last["status"], last["data"]["upstream"]) == (True, 201, checkout.source)
        again = await http.post(
            "/api/projects",
            json={"name": "Code", "key": "CODE", "repo": checkout.source},
            headers={"Accept": "application/x-ndjson"},
        )
        last = json.loads(again.text.splitlines()[-1])
        assert (last["success"], last["status"], last["error"]["code"]) == (False, 409, "project_key_taken")


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
async def test_who_leaves_before_it_is_made_leaves_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    checkout = Checkout(tmp_path / "code")
    checkout.commit("First")
    begun, given_up = asyncio.Event(), asyncio.Event()
    bring = LocalForge.import_repository

    async def slow(self: LocalForge, name: str, *, source: str | None, told: Told | None = None) -> object:
        made = await bring(self, name, source=source, told=told)
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.set()
            raise
        return made

    _, key = await house.key("ada", Scope.ADMIN)
    with monkeypatch.context() as patched:
        patched.setattr(LocalForge, "import_repository", slow)
        async with rest(house, key) as http:
            asking = asyncio.create_task(
                http.post(
                    "/api/projects",
                    json={"name": "Code", "repo": checkout.source},
                    headers={"Accept": accept},
                )
            )
            await begun.wait()
            asking.cancel()
            await asyncio.wait({asking})
        await asyncio.wait_for(given_up.wait(), 60)

    async def gone() -> bool:
        return not (house.folder / "forge/code.git").exists()

    await eventually(gone)
    project = await house.delivery.projects.create(ADA, NewProject(name="Code", repo=checkout.source))
    assert project.key == "CODE"


async def steps_of(house: House, group_id: str) -> dict[str, str]:
    """What the steps of a release's robots had to say; of two of the same name, the later."""

    def look(tx: Tx) -> dict[str, str]:
        robots, _ = house.engine.list_robots(tx, correlation_id=group_id)
        executions = house.engine.last_executions(tx, [robot.robot_id for robot in reversed(robots)])
        said = house.engine.steps_of(tx, [execution.execute_id for execution in executions])
        return {step.name: step.detail or "" for step in said}

    return await house.read(look)


async def adopted(house: House) -> ProjectRecord:
    """A project that came from an older database: the rows are there, its code is not."""
    project = await house.delivery.projects.create(ADA, NewProject(name="Old"))
    await house.forge.delete_repository(project.repository)
    return await lose_repository(house, project)


async def lose_repository(house: House, project: ProjectRecord) -> ProjectRecord:
    def body(tx: Tx) -> ProjectRecord:
        project_queries.set_upstream(tx, project, {"upstream_state": missing_at(tx.now, project.key)})
        house.engine.set_queue(tx, project.id, paused=True, max_running=None)
        return house.delivery.projects.get(tx, project.id)

    return await house.write(body)


def rest(house: House, key: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=house.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30
    )
