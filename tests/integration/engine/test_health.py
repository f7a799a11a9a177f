import asyncio
import errno
import json
import os
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from aiworker.core.addresses import Reach
from aiworker.core.sayings import Saying, Sentence
from aiworker.engine.health.probe import HttpProbe
from aiworker.engine.health.records import Check
from aiworker.engine.health.service import HealthChecks, day_of
from aiworker.engine.lookout import Lookout
from aiworker.engine.modules.errors import ModuleNotFound
from aiworker.engine.modules.records import Module
from aiworker.engine.schedules.service import Schedules
from aiworker.wire.engine import HealthStatus, ModuleChanges
from tests.support.engine import TYPE, Bench, new_module
from tests.support.http_server import free_socket

HERE = Reach(loopback=True)
# Instead of an answer: the connection is cut.
RESET = b" reset "


class Site:
    """A module's end point, as raw as tests want it: what it answers to each request, and what it was asked."""

    def __init__(self, answer: bytes | None = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if self.answer is None:
            await reader.read()
        elif self.answer == RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            writer.write(self.answer)
        writer.close()


@asynccontextmanager
async def site(answer: bytes | None = b"HTTP/1.1 200 OK\r\n\r\n") -> AsyncGenerator[Site]:
    made = Site(answer)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/health"
    async with server:
        yield made


def checks(bench: Bench, reach: Reach = HERE, *, seconds: float = 60.0) -> HealthChecks:
    return HealthChecks(bench.database, bench.engine, HttpProbe(reach, seconds=seconds))


def lookout_of(bench: Bench, reach: Reach = HERE) -> Lookout:
    return Lookout(bench.database, checks(bench, reach), Schedules(bench.engine))


async def known(bench: Bench, name: str = "reader") -> Module:
    return await bench.database.read(bench.engine.get_module, name)


async def test_an_end_point_that_answers_makes_a_module_healthy(bench: Bench) -> None:
    async with site() as there:
        await bench.module(health_endpoint=there.url)
        module = await checks(bench).check("reader")
    assert (module.health_status, module.consecutive_failures) == (HealthStatus.HEALTHY, 0)
    assert there.asked[0].startswith("GET /health HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    ("answer", "problem", "code"),
    [
        (b"HTTP/1.1 503 Busy\r\n\r\n", "answered 503", "health_bad_status"),
        (b"hello\r\n", "did not answer as HTTP does", "health_no_http"),
        (b"HTTP/1.1 fine\r\n\r\n", "did not answer as HTTP does", "health_no_http"),
        (b"HTTP/1.1 \xff\xfe\r\n\r\n", "did not answer as HTTP does", "health_no_http"),
        (b"x" * 100_000, "did not answer as HTTP does", "health_no_http"),
        (b"", "did not answer as HTTP does", "health_no_http"),
    ],
)
async def test_whatever_an_end_point_does_wrong_is_told_and_no_more_than_a_line_is_read(
    bench: Bench, answer: bytes, problem: str, code: str
) -> None:
    async with site(answer) as there:
        await bench.module(health_endpoint=there.url)
        module = await checks(bench).check("reader")
    assert module.health_status is HealthStatus.DEGRADED
    assert module.last_error_message is not None
    assert problem in module.last_error_message
    assert (module.last_error_message_told or {})["code"] == code


async def test_an_end_point_that_does_not_answer_in_time_is_told_as_late(bench: Bench) -> None:
    async with site(None) as there:
        await bench.module(health_endpoint=there.url)
        module = await checks(bench, seconds=0.2).check("reader")
    assert module.last_error_message == f"{there.url} did not answer within 0.2 s"
    assert (module.last_error_message_told or {})["code"] == "health_late"


async def test_nobody_there_is_a_failure(bench: Bench) -> None:
    with free_socket() as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/health"
        await bench.module(health_endpoint=f"{url}?token=secret")
        module = await checks(bench).check("reader")
    assert module.last_error_message == f"{url} cannot be reached: nobody listens there"
    assert module.last_error_message_told == {"code": "health_nobody", "values": {"url": url}}


async def test_what_the_network_says_stands_as_a_value_in_our_sentence(bench: Bench) -> None:
    async with site(RESET) as there:
        await bench.module(health_endpoint=there.url)
        module = await checks(bench).check("reader")
    assert module.last_error_message_told == {
        "code": "health_unreached",
        "values": {"url": there.url, "error": os.strerror(errno.ECONNRESET)},
    }


async def test_an_end_point_that_speaks_no_tls_is_told_as_unsafe(bench: Bench) -> None:
    async def answer_at_once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer_at_once, "127.0.0.1", 0) as there:
        port = there.sockets[0].getsockname()[1]
        await bench.module(health_endpoint=f"https://127.0.0.1:{port}/health")
        module = await checks(bench).check("reader")
    assert (module.last_error_message_told or {})["code"] == "health_unsafe"


async def test_what_was_wrong_last_is_known_still_when_it_is_well_again(bench: Bench) -> None:
    async with site(b"HTTP/1.1 503 Busy\r\n\r\n") as there:
        await bench.module(health_endpoint=there.url)
        ill = await checks(bench).check("reader")
        there.answer = b"HTTP/1.1 200 OK\r\n\r\n"
        well = await checks(bench).check("reader")
    assert well.health_status is HealthStatus.HEALTHY
    assert ill.last_error_message is not None
    assert (well.last_error_message, well.last_error_message_told) == (
        ill.last_error_message,
        ill.last_error_message_told,
    )


async def test_a_sentence_too_long_for_its_column_is_cut_and_its_values_are_whole(bench: Bench) -> None:
    await bench.module()
    said = Sentence("some_code", "it said {said}")(said="x" * 1_000)
    module = await bench.database.write(bench.engine.record_health, "reader", Check.failed(said))
    assert module.last_error_message == ("it said " + "x" * 1_000)[:500]
    assert module.last_error_message_told == {"code": "some_code", "values": {"said": "x" * 1_000}}


async def test_an_address_that_may_not_be_called_is_never_connected_to(bench: Bench) -> None:
    async with site() as there:
        await bench.module(health_endpoint=there.url)
        module = await checks(bench, Reach()).check("reader")
    assert there.asked == []
    assert module.health_status is HealthStatus.DEGRADED
    assert module.last_error_message is not None
    assert "may not be called" in module.last_error_message
    told = module.last_error_message_told or {}
    assert (told["code"], told["values"]["error"]["code"]) == ("health_refused", "address_refused")


async def test_three_failures_in_a_row_make_it_unhealthy_and_one_success_healthy(bench: Bench) -> None:
    async with site(b"HTTP/1.1 500 No\r\n\r\n") as there:
        await bench.module(health_endpoint=there.url)
        seen: list[HealthStatus] = []
        for _ in range(3):
            bench.clock.pass_seconds(300)
            await checks(bench).check_all()
            seen.append((await known(bench)).health_status)
        there.answer = b"HTTP/1.1 204 Fine\r\n\r\n"
        bench.clock.pass_seconds(300)
        await checks(bench).check_all()
    assert seen == [HealthStatus.DEGRADED, HealthStatus.DEGRADED, HealthStatus.UNHEALTHY]
    assert (await known(bench)).health_status is HealthStatus.HEALTHY
    told = [event["newStatus"] for event in await bench.events("module:reader")]
    assert told == ["DEGRADED", "UNHEALTHY", "HEALTHY"]


async def test_two_who_look_at_the_same_moment_count_one_failure(bench: Bench) -> None:
    async with site(b"HTTP/1.1 500 No\r\n\r\n") as there:
        await bench.module(health_endpoint=there.url)
        await asyncio.gather(*(checks(bench).check_all() for _ in range(4)))
    assert (await known(bench)).consecutive_failures == 1


async def test_the_waiting_robots_of_an_unhealthy_module_move_to_the_next_best_and_say_why(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.module("spare")
    for _ in range(3):
        await bench.database.write(bench.engine.record_health, "reader", Check(Saying("no answer")))
        bench.clock.pass_seconds(300)
    moved = await bench.robot(robot.robot_id)
    assert moved.module_name == "spare"
    assert moved.routing_decision is not None
    assert (moved.routing_decision["chosen"], moved.routing_decision["movedFrom"]) == ("spare", "reader")
    assert [one["module"] for one in moved.routing_decision["considered"]] == ["reader", "spare"]
    assert (await bench.claim_one("spare")).robot_id == robot.robot_id


async def test_an_end_point_is_looked_at_at_once_when_an_execution_failed(bench: Bench) -> None:
    async with site(b"HTTP/1.1 500 No\r\n\r\n") as there:
        await bench.module(health_endpoint=there.url)
        lookout = lookout_of(bench)
        await bench.submit(retry_limit=0)
        await lookout.look()
        there.asked.clear()
        bench.clock.pass_seconds(20)
        await bench.fail(await bench.claim_one())
        bench.clock.pass_seconds(1)
        await lookout.look()
        await lookout.look()
    assert len(there.asked) == 1
    assert (await known(bench)).health_status is HealthStatus.DEGRADED


async def test_a_new_end_point_is_looked_at_within_seconds_and_so_is_a_changed_one(bench: Bench) -> None:
    lookout = lookout_of(bench)
    async with site() as there, site(b"HTTP/1.1 500 No\r\n\r\n") as elsewhere:
        await bench.module(health_endpoint=there.url)
        await lookout.look()
        await lookout.look()
        assert (len(there.asked), (await known(bench)).health_status) == (1, HealthStatus.HEALTHY)
        await bench.module(health_endpoint=there.url, max_concurrent=2)
        await lookout.look()
        assert len(there.asked) == 1, "it is where it was"
        await bench.module(health_endpoint=elsewhere.url)
        await lookout.look()
        assert (len(elsewhere.asked), (await known(bench)).health_status) == (1, HealthStatus.DEGRADED)
        await bench.database.write(
            bench.engine.change_module, "reader", ModuleChanges(health_endpoint=there.url.replace("/health", "/new"))
        )
        await lookout.look()
    assert there.asked[-1].startswith("GET /new ")
    assert (await known(bench)).health_status is HealthStatus.HEALTHY


async def test_a_look_that_began_before_the_end_point_changed_says_nothing_of_the_new_one(bench: Bench) -> None:
    async def moves_meanwhile(_url: str) -> Check:
        await bench.module(health_endpoint="http://127.0.0.1:9/new")
        return Check(Saying("no answer"))

    await bench.module(health_endpoint="http://127.0.0.1:9/old")
    await HealthChecks(bench.database, bench.engine, moves_meanwhile).check("reader")
    assert (await known(bench)).consecutive_failures == 0


async def test_a_new_end_point_that_may_not_be_called_is_told_so_within_seconds(bench: Bench) -> None:
    async with site() as there:
        await bench.module(health_endpoint=there.url)
        await lookout_of(bench, Reach()).look()
    assert there.asked == []
    assert (await known(bench)).health_status is HealthStatus.DEGRADED


async def test_who_only_pulls_is_well_within_seconds_of_its_first_claim(bench: Bench) -> None:
    lookout = lookout_of(bench)
    await lookout.look()
    assert (await known(bench)).health_status is HealthStatus.UNKNOWN
    await bench.claim()
    await lookout.look()
    assert (await known(bench)).health_status is HealthStatus.HEALTHY


async def test_who_only_pulls_is_well_while_it_asks_for_work(bench: Bench) -> None:
    await bench.claim()
    for _ in range(4):
        bench.clock.pass_seconds(100)
        await bench.claim()
        await checks(bench).check_all()
        assert (await known(bench)).health_status is HealthStatus.HEALTHY


async def test_who_only_pulls_is_judged_by_its_silence_and_well_again_with_its_next_claim(bench: Bench) -> None:
    await bench.claim()
    await bench.submit()
    seen: list[HealthStatus] = []
    for _ in range(3):
        bench.clock.pass_seconds(300)
        await checks(bench).check_all()
        seen.append((await known(bench)).health_status)
    assert seen == [HealthStatus.DEGRADED, HealthStatus.DEGRADED, HealthStatus.UNHEALTHY]
    await bench.claim()
    assert (await known(bench)).health_status is HealthStatus.HEALTHY


async def test_who_only_pulls_and_stopped_with_nothing_to_do_is_not_ill(bench: Bench) -> None:
    await bench.claim()
    for _ in range(4):
        bench.clock.pass_seconds(300)
        await checks(bench).check_all()
    resting = await known(bench)
    assert (resting.health_status, resting.consecutive_failures) == (HealthStatus.UNKNOWN, 0)
    assert resting.silent
    assert set(await bench.database.read(day_of, "reader")) == {HealthStatus.HEALTHY, HealthStatus.UNKNOWN}
    await bench.claim()
    again = await known(bench)
    assert (again.health_status, again.silent) == (HealthStatus.HEALTHY, False)


async def test_a_robot_that_comes_for_a_module_that_nobody_runs_says_so_and_makes_it_ill(bench: Bench) -> None:
    await bench.claim()
    bench.clock.pass_seconds(300)
    await checks(bench).check_all()
    robot = await bench.submit()
    assert await bench.waiting(robot.robot_id) == "nobody runs module reader"
    bench.clock.pass_seconds(300)
    await checks(bench).check_all()
    assert (await known(bench)).health_status is HealthStatus.DEGRADED
    assert await bench.waiting(robot.robot_id) == "nobody runs module reader"


async def test_a_module_that_died_with_a_robot_in_hand_is_missed(bench: Bench) -> None:
    await bench.submit()
    await bench.claim_one(lease_seconds=3600)
    bench.clock.pass_seconds(300)
    await checks(bench).check_all()
    assert (await known(bench)).health_status is HealthStatus.DEGRADED


async def test_a_long_job_that_reports_is_a_sign_of_life(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one(lease_seconds=3600)
    for _ in range(5):
        bench.clock.pass_seconds(290)
        await bench.report(claimed)
        bench.clock.pass_seconds(60)
        await checks(bench).check_all()
    assert (await known(bench)).health_status is HealthStatus.HEALTHY


async def test_a_module_that_nobody_ever_started_stays_unknown(bench: Bench) -> None:
    bench.clock.pass_seconds(3_600)
    assert await checks(bench).check_all() == 0
    assert (await known(bench)).health_status is HealthStatus.UNKNOWN


async def test_modules_that_are_off_or_the_systems_own_are_left_alone(bench: Bench) -> None:
    await bench.database.write(bench.engine.register_module, new_module("control", ["backup.full"]), internal=True)
    await bench.claim()
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(is_active=False))
    bench.clock.pass_seconds(3_600)
    assert await checks(bench).check_all() == 0


async def test_the_day_is_told_by_half_hours(bench: Bench) -> None:
    await bench.database.write(bench.engine.record_health, "reader", Check())
    bench.clock.pass_seconds(timedelta(minutes=5).total_seconds())
    await bench.database.write(bench.engine.record_health, "reader", Check(Saying("no answer")))
    bench.clock.pass_seconds(timedelta(minutes=45).total_seconds())
    told = await bench.database.read(day_of, "reader")
    assert told[-3:] == ["UNKNOWN", "DEGRADED", "UNKNOWN"]
    assert json.dumps(told)


async def test_a_module_that_is_not_there_cannot_be_checked(bench: Bench) -> None:
    with pytest.raises(ModuleNotFound):
        await checks(bench).check("nobody")


async def test_robots_of_a_type_that_nobody_else_does_stay_where_they_are(bench: Bench) -> None:
    await bench.module("other", ["fax.send"])
    robot = await bench.submit(TYPE)
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(is_active=False))
    assert (await bench.robot(robot.robot_id)).module_name == "reader"
    assert await bench.waiting(robot.robot_id) == "module reader is switched off"
