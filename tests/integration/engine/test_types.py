"""What a module says about its types holds for every robot of them."""

from typing import Any

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.types.errors import BadSchema, InputRefused, TypeNotFound
from aiworker.wire.robot_types import TypeSettings
from tests.support.engine import TYPE, Bench

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["page"],
    "properties": {
        "page": {"type": "integer", "minimum": 1},
        "iban": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2,30}$", "x-sensitive": True},
        "people": {"type": "array", "items": {"$ref": "#/$defs/person"}},
    },
    "$defs": {"person": {"type": "object", "properties": {"name": {"type": "string", "x-sensitive": True}}}},
}


async def describe(bench: Bench, **settings: Any) -> None:
    await bench.module(type_settings={TYPE: TypeSettings(**settings)})


async def test_input_that_does_not_follow_the_schema_is_refused_by_path_and_rule(bench: Bench) -> None:
    await describe(bench, input_schema=SCHEMA)
    await bench.submit(input_data={"page": 1})
    with pytest.raises(InputRefused) as refusal:
        await bench.submit(input_data={"page": 0, "people": [{"name": 7}], "iban": "a secret number"})
    fields = refusal.value.details["fields"]
    assert isinstance(fields, list)
    assert {field["field"] for field in fields} == {"inputData.page", "inputData.people.0.name", "inputData.iban"}
    assert "a secret number" not in str(refusal.value.details) + refusal.value.message
    assert len(await bench.claim(limit=10)) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"properties": {"page": {"minimum": "one"}}},
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"page": {"pattern": "("}}},
        {"description": "x" * 70_000},
    ],
    ids=["type", "bound", "other site", "file", "pattern", "large"],
)
async def test_a_schema_that_cannot_be_used_is_refused_at_registration(bench: Bench, schema: dict[str, Any]) -> None:
    with pytest.raises(BadSchema):
        await describe(bench, input_schema=schema)


async def test_a_pattern_that_would_take_for_ever_takes_no_time(bench: Bench) -> None:
    await describe(bench, input_schema={"properties": {"text": {"pattern": "^(a+)+$"}}})
    with pytest.raises(InputRefused):
        await bench.submit(input_data={"text": "a" * 50_000 + "!"})


async def test_settings_are_only_for_the_types_that_the_module_does(bench: Bench) -> None:
    with pytest.raises(Invalid) as refusal:
        await bench.module("other", ["other.thing"], type_settings={TYPE: TypeSettings(retry_limit=1)})
    assert refusal.value.code == "module_lacks_type"
    with pytest.raises(TypeNotFound):
        await bench.database.read(bench.engine.robot_type, TYPE)


async def test_the_retry_policy_of_a_type_holds_unless_the_robot_has_its_own(bench: Bench) -> None:
    await describe(bench, retry_limit=7, backoff_seconds=2, backoff_cap_seconds=60, timeout_seconds=90)
    robot = await bench.submit(backoff_seconds=9)
    assert (robot.retry_limit, robot.backoff_seconds, robot.backoff_cap_seconds, robot.timeout_seconds) == (
        7,
        9,
        60,
        90,
    )
    other = await bench.submit(retry_limit=0)
    assert other.retry_limit == 0


async def test_a_later_registration_describes_the_type_anew_and_one_without_settings_changes_nothing(
    bench: Bench,
) -> None:
    await describe(bench, input_schema=SCHEMA, retry_limit=7)
    await bench.module()
    assert (await bench.database.read(bench.engine.robot_type, TYPE)).retry_limit == 7
    await describe(bench, retry_limit=1)
    known = await bench.database.read(bench.engine.robot_type, TYPE)
    assert (known.retry_limit, known.input_schema, known.sensitive_fields) == (1, None, [])
    await bench.submit(input_data={"page": "anything"})


async def test_a_type_whose_results_are_sensitive_makes_every_robot_sensitive_and_does_not_check_them(
    bench: Bench,
) -> None:
    owner = {"properties": {"owner": {"type": "string", "x-sensitive": True}}}
    await describe(bench, output_schema=owner)
    robot = await bench.submit(input_data={"page": 1})
    assert (robot.security_classification, robot.compliance_tags) == ("SENSITIVE", ["/owner"])
    await bench.complete(await bench.claim_one(), output_data={"owner": 7})
    assert (await bench.robot(robot.robot_id)).output_data == {"owner": 7}


async def test_an_output_schema_that_is_too_large_is_refused(bench: Bench) -> None:
    with pytest.raises(BadSchema, match="output schema"):
        await describe(bench, output_schema={"description": "x" * 70_000})


async def test_sensitive_fields_are_named_on_the_robot_and_on_its_tries_and_the_worker_sees_them(bench: Bench) -> None:
    await describe(bench, input_schema=SCHEMA)
    data = {"page": 1, "iban": "ES12", "people": [{"name": "Ana"}]}
    secret, plain = await bench.submit(input_data=data), await bench.submit(input_data={"page": 2})
    assert (secret.security_classification, secret.compliance_tags) == ("SENSITIVE", ["/iban", "/people/*/name"])
    assert (plain.security_classification, plain.compliance_tags) == ("STANDARD", None)
    first, second = await bench.claim(limit=2)
    assert first.input_data == data
    tries = [await bench.execution(one) for one in (first, second)]
    assert [one.contains_sensitive_data for one in tries] == [True, False]
    assert tries[0].compliance_context == {"fields": ["/iban", "/people/*/name"]}
