"""An agent as a module, and assistants that ask about robots."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from aiworker.wire.access import Scope
from aiworker.wire.engine import NewModule, NewRobot, Robot
from aiworker.wire.robot_types import TypeSettings
from tests.support.agents import Agent, agent
from tests.support.house import House

CODING = {
    "get_next_task",
    "create_branch",
    "ask_user_question",
    "check_response",
    "report_progress",
    "log",
    "heartbeat",
    "create_pull_request",
    "trigger_preview",
    "update_task_status",
    "release_task",
    "get_task",
    "list_tasks",
    "create_task",
}
WORKING = {"claim_robot", "report_robot", "complete_robot", "fail_robot", "release_robot"}
ASKING = {"list_robots", "get_robot"}


@asynccontextmanager
async def connected(house: House, scope: Scope) -> AsyncGenerator[Agent]:
    _, key = await house.key(f"{scope.value}-assistant", scope)
    async with agent(house.url, key) as client:
        yield client


async def robots(house: House, *numbers: int) -> list[str]:
    """Ids of new robots of the type that the checker does."""
    module = NewModule(module_name="checker", module_version="1", supported_robot_types=["claim.check"])
    await house.write(house.engine.register_module, module)
    news = [NewRobot(robot_type="claim.check", input_data={"n": n}, retry_limit=1) for n in numbers]
    return [robot.robot_id for robot in await house.write(house.engine.submit_many, news)]


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        (Scope.AGENT, CODING),
        (Scope.MODULE, CODING | WORKING | ASKING),
        (Scope.MEMBER, CODING | ASKING),
        (Scope.READ, CODING | ASKING),
        (Scope.ADMIN, CODING | WORKING | ASKING),
    ],
)
async def test_each_key_is_shown_the_tools_that_are_for_it(house: House, scope: Scope, wanted: set[str]) -> None:
    async with connected(house, scope) as client:
        assert {tool.name for tool in (await client.client.list_tools()).tools} == wanted


async def test_an_agent_claims_reports_and_completes_a_robot(house: House) -> None:
    (robot_id,) = await robots(house, 1)
    async with connected(house, Scope.MODULE) as worker:
        claimed = await worker.call("claim_robot", moduleName="checker")
        assert claimed["robot"]["robotId"] == robot_id
        assert claimed["robot"]["inputData"] == {"n": 1}
        lease = claimed["lease"]
        told = await worker.call("report_robot", lease=lease, step="read", percentage=40, message="half of it")
        assert told["directive"] == "continue"
        seen = await worker.call("get_robot", robotId=robot_id)
        assert (seen["progressPercentage"], seen["steps"][0]["name"]) == (40, "read")
        for _ in range(2):
            done = await worker.call("complete_robot", lease=lease, output={"sum": 2}, confidence=0.9)
            assert done["status"] == "COMPLETED"
        assert (await worker.call("claim_robot", moduleName="checker"))["robot"] is None
    robot = Robot.model_validate(await house.read(house.engine.get_robot, robot_id))
    assert robot.output_data == {"sum": 2}


async def test_an_agent_fails_a_robot_or_gives_it_back(house: House) -> None:
    await robots(house, 1, 2)
    async with connected(house, Scope.MODULE) as worker:
        first = await worker.call("claim_robot", moduleName="checker")
        second = await worker.call("claim_robot", moduleName="checker")
        failed = await worker.call("fail_robot", lease=first["lease"], message="no such claim", category="BUSINESS")
        released = await worker.call("release_robot", lease=second["lease"], reason="not mine")
        assert (failed["status"], released["status"]) == ("FAILED", "PENDING")
        late = await worker.refused("complete_robot", lease=second["lease"], output={})
        assert late.code == "lease_lost"
        listed = await worker.call("list_robots", status="FAILED")
        told = [(robot["errorCategory"], robot["errorMessage"]) for robot in listed["robots"]]
        assert told == [("BUSINESS", "no such claim")]
        assert (await worker.call("get_robot", robotId=first["robot"]["robotId"]))["errorMessage"] == "no such claim"


async def test_a_checkpoint_reaches_whoever_claims_the_robot_next(house: House) -> None:
    await robots(house, 1)
    async with connected(house, Scope.MODULE) as worker:
        first = await worker.call("claim_robot", moduleName="checker")
        await worker.call("report_robot", lease=first["lease"], checkpoint={"page": 7})
        await worker.call("release_robot", lease=first["lease"], reason="later")
        assert (await worker.call("claim_robot", moduleName="checker"))["robot"]["checkpoint"] == {"page": 7}


async def test_a_cancelled_robot_is_told_with_the_next_report(house: House) -> None:
    (robot_id,) = await robots(house, 1)
    async with connected(house, Scope.MODULE) as worker:
        lease = (await worker.call("claim_robot", moduleName="checker"))["lease"]
        await house.write(house.engine.cancel, robot_id, by="ada")
        told = await worker.call("report_robot", lease=lease)
        assert told["directive"] == "cancel"
        assert told["message"].startswith("It was cancelled: stop")


async def test_a_module_that_is_new_says_what_it_does_and_one_that_exists_stays_as_it_is(house: House) -> None:
    await robots(house)
    async with connected(house, Scope.MODULE) as worker:
        refused = await worker.refused("claim_robot", moduleName="helper")
        assert refused.code == "robot_types_missing"
        await worker.call("claim_robot", moduleName="helper", robotTypes=["letter.write"])
        await worker.call("claim_robot", moduleName="checker", robotTypes=["something.else"])
    helper = await house.read(house.engine.get_module, "helper")
    checker = await house.read(house.engine.get_module, "checker")
    assert helper.supported_robot_types == ["letter.write"]
    assert (checker.module_version, checker.supported_robot_types) == ("1", ["claim.check"])


async def test_whoever_may_only_read_asks_but_does_not_work(house: House) -> None:
    (robot_id,) = await robots(house, 1)
    async with connected(house, Scope.READ) as assistant:
        page = await assistant.call("list_robots", robotType="claim.check")
        assert [robot["robotId"] for robot in page["robots"]] == [robot_id]
        assert page["robots"][0]["inputData"] is None
        assert (await assistant.call("get_robot", robotId=robot_id))["inputData"] == {"n": 1}
        for tool, arguments in (
            ("claim_robot", {"moduleName": "checker"}),
            ("report_robot", {"lease": "x"}),
            ("complete_robot", {"lease": "x", "output": {}}),
            ("fail_robot", {"lease": "x", "message": "x"}),
            ("release_robot", {"lease": "x", "reason": "x"}),
        ):
            assert (await assistant.refused(tool, **arguments)).code == "permission_missing", tool


async def test_what_is_sensitive_is_masked_for_those_who_only_ask(house: House) -> None:
    schema = {"type": "object", "properties": {"iban": {"type": "string", "x-sensitive": True}}}
    module = NewModule(
        module_name="payer",
        module_version="1",
        supported_robot_types=["bill.pay"],
        type_settings={"bill.pay": TypeSettings(input_schema=schema)},
    )
    await house.write(house.engine.register_module, module)
    new = NewRobot(robot_type="bill.pay", input_data={"iban": "ES12 3456", "sum": 7})
    robot = await house.write(house.engine.submit, new)
    async with connected(house, Scope.READ) as assistant:
        seen = await assistant.call("get_robot", robotId=robot.robot_id)
    assert "3456" not in str(seen)
    assert seen["inputData"]["sum"] == 7
    async with connected(house, Scope.MODULE) as worker:
        claimed = await worker.call("claim_robot", moduleName="payer")
    assert claimed["robot"]["inputData"] == {"iban": "ES12 3456", "sum": 7}


async def test_the_systems_own_module_is_not_for_agents(house: House) -> None:
    async with connected(house, Scope.ADMIN) as worker:
        assert (await worker.refused("claim_robot", moduleName="control")).code == "internal_module"


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("claim_robot", {"moduleName": "no spaces"}, "invalid"),
        ("claim_robot", {"moduleName": "checker", "waitSeconds": 56}, "invalid"),
        ("report_robot", {"lease": "nobody.x"}, "lease_unknown"),
        ("report_robot", {"lease": "x", "percentage": 101}, "invalid"),
        ("complete_robot", {"lease": "nobody.x", "output": {}}, "lease_unknown"),
        ("complete_robot", {"lease": "x", "output": "text"}, "invalid"),
        ("complete_robot", {"lease": "x", "output": {}, "confidence": 2}, "invalid"),
        ("fail_robot", {"lease": "x", "message": " "}, "invalid"),
        ("fail_robot", {"lease": "x", "message": "x", "category": "BAD"}, "invalid"),
        ("get_robot", {"robotId": "none"}, "robot_not_found"),
        ("list_robots", {"limit": 101}, "invalid"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_a_sentence(
    house: House, tool: str, arguments: dict[str, object], code: str
) -> None:
    async with connected(house, Scope.MODULE) as worker:
        assert (await worker.refused(tool, **arguments)).code == code


async def test_a_key_of_a_module_is_shown_what_it_may_use_and_nothing_of_other_modules(house: House) -> None:
    (theirs,) = await robots(house, 1)
    own = NewModule(module_name="reader", module_version="1", supported_robot_types=["ocr.read"])
    await house.write(house.engine.register_module, own)
    ours = await house.write(house.engine.submit, NewRobot(robot_type="ocr.read", input_data={}))
    (lent,) = await house.write(house.engine.claim, "checker", holder="w")
    _, key = await house.key("reader-key", Scope.MODULE, modules=["reader"])
    async with agent(house.url, key) as client:
        assert {tool.name for tool in (await client.client.list_tools()).tools} == WORKING | ASKING
        assert [one["robotId"] for one in (await client.call("list_robots"))["robots"]] == [ours.robot_id]
        assert (await client.refused("get_robot", robotId=theirs)).code == "robot_not_found"
        for name in ("checker", "nobody"):
            refused = await client.refused("claim_robot", moduleName=name, robotTypes=["claim.check"])
            assert refused.code == "module_of_another_key"
        for tool, fields in (
            ("report_robot", {}),
            ("complete_robot", {"output": {}}),
            ("fail_robot", {"message": "x"}),
            ("release_robot", {"reason": "x"}),
        ):
            assert (await client.refused(tool, lease=lent.lease_token, **fields)).code == "lease_unknown"
        assert (await client.refused("list_tasks")).code == "key_of_modules"
        assert (await client.refused("get_next_task")).code == "key_of_modules"
        claimed = await client.call("claim_robot", moduleName="reader")
        assert (await client.call("complete_robot", lease=claimed["lease"], output={}))["status"] == "COMPLETED"
