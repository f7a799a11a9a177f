import asyncio
import gc
import json
from typing import Any

import httpx2
import pytest
import websockets
from socketio.exceptions import ConnectionError as NoConnection

from aiworker.access.actors import SYSTEM
from aiworker.access.first_start import admin_code
from aiworker.access.identities import Identity
from aiworker.access.keys.service import list_keys
from aiworker.app.loops import beside
from aiworker.edge.api.context import SESSION_COOKIE
from aiworker.edge.hosts import Hosts
from aiworker.edge.live.missed import MOST_MISSED
from aiworker.edge.live.server import LiveServer
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.access import NewKey, Scope
from tests.integration.edge.live.conftest import Heard, Live
from tests.support.http_server import free_socket, serving
from tests.support.waiting import eventually


async def listening(live: Live) -> Heard:
    heard = live.dial()
    await heard.connect({"token": live.house.keys[Scope.READ]})
    await asyncio.wait_for(heard.ready, 60)
    return heard


async def test_after_auth_a_client_hears_every_project_and_the_system(live: Live) -> None:
    heard = live.dial()
    await heard.connect()
    answer = await heard.ask("auth", {"userId": "ana", "token": live.house.keys[Scope.MEMBER]})
    assert answer["success"] is True
    assert (await asyncio.wait_for(heard.ready, 60))["feeds"] == {}
    await live.tell("task:created", taskId="1", projectId="shop")
    await live.tell("task:created", feed="blog", taskId="2", projectId="blog")
    await live.tell("agent:status", feed="system", agentId="a", status="busy", currentTaskId="1")
    assert await heard.next() == ("task:created", {"taskId": "1", "projectId": "shop", "feed": "shop", "number": 1})
    assert await heard.next() == ("task:created", {"taskId": "2", "projectId": "blog", "feed": "blog", "number": 1})
    kind, data = await heard.next()
    assert (kind, data["status"], data["feed"]) == ("agent:status", "busy", "system")


async def test_who_comes_before_a_starting_server_follows_is_ready_when_nothing_can_be_missed(live: Live) -> None:
    known = await listening(live)
    house = live.house
    starting = LiveServer(
        access=house.access, database=house.database, bus=house.bus, hosts=Hosts(), session_cookie=SESSION_COOKIE
    )
    async with serving(starting, free_socket()) as address:
        early = Heard(address)
        await early.connect({"token": house.keys[Scope.READ]})
        await live.tell("task:created", taskId="1", projectId="shop")
        await known.next()
        async with beside(starting.run()):
            assert (await asyncio.wait_for(early.ready, 60))["feeds"] == {"shop": 1}
            await live.tell("task:created", taskId="2", projectId="shop")
            assert (await early.next())[1]["number"] == 2
            await early.client.disconnect()
            await starting.close()


async def test_before_auth_a_client_gets_nothing(live: Live) -> None:
    stranger, known = live.dial(), await listening(live)
    await stranger.connect()
    for question in ("resync", "join", "leave"):
        answer = await stranger.ask(question, {"room": "task:1"})
        assert answer["success"] is False
        assert answer["error"]["code"] == "credential_missing"
    await live.tell("task:created", taskId="1", projectId="shop")
    await known.next()
    # What was sent before this answer has come by now.
    await stranger.ask("resync", {})
    assert stranger.events.empty()
    assert not stranger.ready.done()


async def test_a_client_that_does_not_say_who_it_is_is_let_go(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.server, "_auth_seconds", 1.0)
    known, silent, forger = await listening(live), live.dial(), live.dial()
    await silent.connect()
    await forger.connect()
    await forger.client.emit("auth", {"token": "nonsense"})
    for stranger in (silent, forger):
        await asyncio.wait_for(stranger.gone.wait(), 60)
    assert not known.gone.is_set()


@pytest.mark.parametrize(
    "message", [{"token": "nonsense"}, {}, None, {"token": 7}, {"token": "x" * 10_000}, "token", []]
)
async def test_a_forged_credential_opens_nothing(live: Live, message: Any) -> None:
    stranger = live.dial()
    await stranger.connect()
    answer = await stranger.ask("auth", message)
    assert answer["success"] is False
    assert answer["error"]["code"] in {"key_unknown", "credential_missing"}
    assert (await stranger.ask("resync", {}))["error"]["code"] == "credential_missing"


async def test_a_forged_handshake_is_refused(live: Live) -> None:
    with pytest.raises(NoConnection):
        await live.dial().connect({"token": "nonsense"})


async def test_the_pages_own_cookie_is_enough(live: Live) -> None:
    _, token = await live.house.access.sign_in(code=await admin_code(live.house.database))
    heard = live.dial()
    await heard.connect(None, Cookie=f"other=1; {SESSION_COOKIE}={token}", Origin=live.address)
    await asyncio.wait_for(heard.ready, 60)
    with pytest.raises(NoConnection):
        await live.dial().connect(None, Cookie=f"{SESSION_COOKIE}=ended")


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:1", "null"])
async def test_pages_of_other_sites_do_not_get_in_even_with_the_cookie(live: Live, origin: str) -> None:
    _, token = await live.house.access.sign_in(code=await admin_code(live.house.database))
    with pytest.raises(NoConnection):
        await live.dial().connect(None, Cookie=f"{SESSION_COOKIE}={token}", Origin=origin)


async def test_only_websockets_are_served(live: Live) -> None:
    async with httpx2.AsyncClient(timeout=60) as client:
        answer = await client.get(f"{live.address}/socket.io/?EIO=4&transport=polling")
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


async def test_who_comes_back_gets_what_was_missed(live: Live) -> None:
    first = await listening(live)
    await live.tell("task:created", taskId="1", projectId="shop")
    await first.next()
    await first.client.disconnect()
    await live.tell("task:status_changed", taskId="1", oldState="backlog", newState="in_progress")
    await live.tell("project:created", feed="blog", projectId="blog")
    second = await listening(live)

    async def caught_up() -> Any:
        answer = await second.ask("resync", {"feeds": {"shop": 1}})
        return answer if answer["feeds"] == {"shop": 2, "blog": 1} else None

    answer = await eventually(caught_up)
    assert answer["resyncRequired"] is False
    assert [(event["event"], event["data"]["number"]) for event in answer["events"]] == [
        ("task:status_changed", 2),
        ("project:created", 1),
    ]


async def test_who_has_seen_nothing_learns_where_the_feeds_stand(live: Live) -> None:
    heard = await listening(live)
    await live.tell("task:created", taskId="1", projectId="shop")
    await heard.next()
    answer = await heard.ask("resync", {"feeds": {}})
    assert (answer["events"], answer["feeds"], answer["resyncRequired"]) == ([], {"shop": 1}, False)


@pytest.mark.parametrize("seen", [{"shop": 9}, {"gone": 3}])
async def test_numbers_from_another_history_require_a_resync(live: Live, seen: dict[str, int]) -> None:
    heard = await listening(live)
    await live.tell("task:created", taskId="1", projectId="shop")
    await heard.next()
    answer = await heard.ask("resync", {"feeds": seen})
    assert (answer["resyncRequired"], answer["events"], answer["feeds"]) == (True, [], {"shop": 1})


async def test_who_was_away_too_long_has_to_read_everything_anew(live: Live) -> None:
    def many(tx: Tx) -> None:
        for number in range(MOST_MISSED + 2):
            tx.emit(Event("shop", f"t{number}", "task:created", {"taskId": str(number)}))

    heard = await listening(live)
    await live.house.database.write(many)
    for _ in range(MOST_MISSED + 2):
        await heard.next()
    assert (await heard.ask("resync", {"feeds": {"shop": 1}}))["resyncRequired"] is True
    assert len((await heard.ask("resync", {"feeds": {"shop": 2}}))["events"]) == MOST_MISSED


@pytest.mark.parametrize("feeds", [{"shop": "1"}, {"shop": -1}, {"shop": True}, {"shop": 1.5}])
async def test_numbers_that_are_none_are_refused(live: Live, feeds: Any) -> None:
    answer = await (await listening(live)).ask("resync", {"feeds": feeds})
    assert (answer["success"], answer["error"]["code"]) == (False, "bad_feeds")


async def test_progress_and_log_lines_are_for_those_who_joined(live: Live) -> None:
    inside, outside = await listening(live), await listening(live)
    assert (await inside.ask("join", {"room": "task:1"}))["success"] is True
    await live.announce("task:1", "agent:log", lines=[{"level": "info", "message": "hello"}])
    assert await inside.next() == ("agent:log", {"lines": [{"level": "info", "message": "hello"}]})
    assert (await inside.ask("leave", {"room": "task:1"}))["success"] is True
    await live.announce("task:1", "agent:log", lines=[])
    await live.tell("task:created", taskId="1", projectId="shop")
    assert (await inside.next())[0] == "task:created"
    assert (await outside.next())[0] == "task:created"


@pytest.mark.parametrize("room", ["everyone", "", "task:", "task:../x", "task:" + "x" * 200, 7, None, "system:1"])
async def test_only_rooms_of_things_can_be_joined(live: Live, room: Any) -> None:
    answer = await (await listening(live)).ask("join", {"room": room})
    assert (answer["success"], answer["error"]["code"]) == (False, "bad_room")


async def test_rooms_per_client_are_limited(live: Live) -> None:
    heard = await listening(live)
    answers = [await heard.ask("join", {"room": f"task:{number}"}) for number in range(201)]
    assert answers[-2]["success"] is True
    assert answers[-1]["error"]["code"] == "too_many_rooms"


async def test_a_revoked_key_is_cut_off_at_once(live: Live) -> None:
    heard, other = await listening(live), live.dial()
    await other.connect({"token": live.house.keys[Scope.ADMIN]})
    keys = await live.house.database.read(list_keys)
    (mine,) = [key for key in keys if key.name == "read-key"]
    await live.house.access.revoke_key(SYSTEM, mine.id)
    await asyncio.wait_for(heard.gone.wait(), 60)
    assert not other.gone.is_set()


async def test_a_session_that_ends_is_cut_off(live: Live) -> None:
    identity, token = await live.house.access.sign_in(code=await admin_code(live.house.database))
    heard = live.dial()
    await heard.connect(None, Cookie=f"{SESSION_COOKIE}={token}")
    await asyncio.wait_for(heard.ready, 60)
    await live.house.access.sign_out(identity)
    await asyncio.wait_for(heard.gone.wait(), 60)


async def test_a_client_that_does_not_read_does_not_hold_up_the_others(live: Live) -> None:
    """It is let go once too much waits for it; meanwhile everybody else hears everything."""
    url = live.address.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    heard = await listening(live)
    async with websockets.connect(url, max_queue=1, compression=None, close_timeout=1) as deaf:
        await deaf.recv()
        await deaf.send("40" + json.dumps({"token": live.house.keys[Scope.READ]}))
        await deaf.recv()
        count, text = 40, "x" * 200_000
        for number in range(count):
            await live.tell("task:created", taskId=str(number), text=text)
        for number in range(count):
            assert (await heard.next())[1]["taskId"] == str(number)


async def test_a_client_that_leaves_while_its_key_is_looked_at_causes_no_error(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at, left = asyncio.Event(), asyncio.Event()
    authenticate = live.house.access.authenticate

    async def slowly(token: str) -> Identity:
        looked_at.set()
        await left.wait()
        return await authenticate(token)

    monkeypatch.setattr(live.house.access, "authenticate", slowly)
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    url = live.address.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with websockets.connect(url) as hasty:
        await hasty.recv()
        await hasty.send("40")
        await hasty.recv()
        await hasty.send("420" + json.dumps(["auth", {"token": live.house.keys[Scope.READ]}]))
        await looked_at.wait()
        await hasty.send("41")
        # It is answered in order: by then the client has left, and is a new one.
        await hasty.send("40")
        assert str(await hasty.recv()).startswith("40")
        left.set()
        answer = str(await hasty.recv())
    assert "connection_ended" in answer
    gc.collect()
    assert errors == []


async def test_a_key_of_a_module_hears_of_that_module_only(live: Live) -> None:
    new = NewKey(name="reader-key", scope=Scope.MODULE, modules=["reader"])
    _, key = await live.house.access.create_key(SYSTEM, new)
    heard, everybody = live.dial(), await listening(live)
    await live.tell("task:created", taskId="1", projectId="shop")
    await heard.connect({"token": key})
    await everybody.next()
    assert set((await asyncio.wait_for(heard.ready, 60))["feeds"]) <= {"system"}
    assert (await heard.ask("join", {"room": "robot:1"}))["success"] is True
    for number, name in enumerate(("mailer", "readers", None, "reader", "reader@2")):
        told = {"robotId": str(number)} | ({"moduleName": name} if name else {})
        await live.tell("robot:status", feed="system", **told)
        await live.announce("robot:1", "execution:log", **told)
        await live.announce("robot:2", "execution:log", **told)
    await live.tell("task:created", taskId="2", projectId="shop")
    await live.tell("robot:status", feed="system", robotId="last", moduleName="reader")
    told = [await heard.next() for _ in range(5)]
    assert sorted((kind, data["robotId"], data["moduleName"]) for kind, data in told) == [
        ("execution:log", "3", "reader"),
        ("execution:log", "4", "reader@2"),
        ("robot:status", "3", "reader"),
        ("robot:status", "4", "reader@2"),
        ("robot:status", "last", "reader"),
    ]
    missed = await heard.ask("resync", {"feeds": {"system": 1}})
    assert [one["data"]["robotId"] for one in missed["events"]] == ["3", "4", "last"]
    assert set(missed["feeds"]) == {"system"}
    changed = await heard.ask("auth", {"token": live.house.keys[Scope.ADMIN]})
    assert changed["error"]["code"] == "another_key"


@pytest.mark.parametrize(
    "nonsense", ["", "4", "42", "42[", '42["join"', "451-", "\0", "9", "x" * 200_000, '42["auth"]']
)
async def test_nonsense_on_the_wire_harms_nobody(live: Live, nonsense: str) -> None:
    url = live.address.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    heard = await listening(live)
    async with websockets.connect(url) as wild:
        await wild.recv()
        await wild.send("40")
        await wild.recv()
        await wild.send(nonsense)
    await live.tell("task:created", taskId="1", projectId="shop")
    assert (await heard.next())[0] == "task:created"
