"""What is sensitive in an input is hidden wherever it is repeated."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.engine.types.hiding import Secrets, holds_mask, result_of
from aiworker.engine.types.sensitive import MASK
from aiworker.wire.engine import ErrorCategory, Fail, Report, ReportedLine, StepReport
from tests.unit.engine.samples import robot

INPUT: dict[str, Any] = {
    "name": "Ada Lovelace",
    "iban": "ES7921000813610123456789",
    "born": 18151210,
    "notes": [{"text": "a private remark"}, {"text": "x"}],
    "pin": 137,
    "page": 1843,
}
TAGS = ["/name", "/iban", "/born", "/notes/*/text", "/pin"]
ROBOT = replace(robot(), input_data=INPUT, compliance_tags=TAGS)


def secrets() -> Secrets:
    return Secrets.of(ROBOT)


def test_texts_and_numbers_of_the_input_are_hidden_in_words() -> None:
    said = "Ada Lovelace (born 18151210) has no account ES7921000813610123456789 on page 1843"
    assert secrets().hide(said) == f"{MASK} (born {MASK}) has no account {MASK} on page 1843"


def test_what_is_a_part_of_everything_is_left() -> None:
    assert secrets().hide("x marks 1373 exits") == "x marks 1373 exits"


def test_what_is_short_is_hidden_where_it_stands_alone() -> None:
    assert secrets().hide("pin=137, not 41375") == f"pin={MASK}, not 41375"
    assert secrets().hide_in({"pin": 137, "number": 1370}) == {"pin": MASK, "number": 1370}


def test_the_longer_of_two_is_hidden_whole() -> None:
    assert Secrets(["Lovelace", "Ada Lovelace"]).hide("Ada Lovelace, Lovelace") == f"{MASK}, {MASK}"


def test_a_robot_without_sensitive_fields_says_what_it_likes() -> None:
    plain = Secrets.of(replace(ROBOT, compliance_tags=None))
    assert plain.hide("Ada Lovelace") == "Ada Lovelace"
    assert plain.hide_in({"n": 18151210}) == {"n": 18151210}


def test_a_result_hides_fields_of_the_same_name_and_what_repeats_the_input() -> None:
    output = {"name": "A. L.", "greeting": "Dear Ada Lovelace,", "rows": [18151210, 7, True, None], "page": 1843}
    assert result_of(ROBOT, output) == {
        "name": MASK,
        "greeting": f"Dear {MASK},",
        "rows": [MASK, 7, True, None],
        "page": 1843,
    }


def test_a_failure_hides_in_message_trace_and_details() -> None:
    failure = Fail(
        lease_token="token",
        error_category=ErrorCategory.BUSINESS,
        error_message="Ada Lovelace is unknown",
        error_stack_trace="greet('Ada Lovelace')",
        error_details={"who": ["Ada Lovelace"], "code": "unknown"},
    )
    hidden = secrets().hide_in_failure(failure)
    assert "Ada" not in hidden.model_dump_json()
    assert (hidden.error_message, hidden.error_details["code"]) == (f"{MASK} is unknown", "unknown")
    assert (hidden.lease_token, hidden.error_category) == ("token", ErrorCategory.BUSINESS)


def test_a_report_hides_in_steps_and_lines_and_keeps_the_checkpoint_whole() -> None:
    report = Report(
        lease_token="token",
        current_step="Ada Lovelace",
        step=StepReport(name="greet Ada Lovelace", status="completed", detail="wrote to Ada Lovelace"),
        log=[ReportedLine(level="warn", message="Ada Lovelace does not answer")],
        checkpoint={"done": ["Ada Lovelace"]},
        progress_percentage=7,
    )
    hidden = secrets().hide_in_report(report)
    assert "Ada" not in hidden.model_copy(update={"checkpoint": None}).model_dump_json()
    assert (hidden.checkpoint, hidden.progress_percentage) == ({"done": ["Ada Lovelace"]}, 7)
    assert hidden.step is not None
    assert (hidden.step.status, hidden.log[0].level) == ("completed", "warn")


@pytest.mark.parametrize("value", ["completed", "warn", "error", "running"])
def test_a_value_that_is_a_word_of_the_protocol_breaks_nothing(value: str) -> None:
    odd = Secrets.of(replace(ROBOT, input_data={"name": value}))
    report = Report(lease_token="t", step=StepReport(name="x", status="completed"), log=[ReportedLine(message=value)])
    hidden = odd.hide_in_report(report)
    assert hidden.step is not None
    assert (hidden.step.status, hidden.log[0].message) == ("completed", MASK)


_TEXT = st.text(st.characters(exclude_characters="•", exclude_categories=["Cs"]))


@given(st.recursive(st.none() | st.booleans() | st.integers() | _TEXT, lambda inner: st.lists(inner, max_size=4)))
def test_whatever_is_sensitive_is_not_in_a_result_that_holds_it(value: Any) -> None:
    one = replace(ROBOT, input_data={"name": value}, compliance_tags=["/name"])
    shown = result_of(one, {"copy": value, "text": f"<{value}>"})
    hidden = [text.strip() for text in _leaves(value)]
    assert not any(text in str(leaf) for text in hidden if len(text) >= 4 for leaf in _leaves(shown))
    assert not any(text == leaf for text in hidden if len(text) >= 2 for leaf in _leaves(shown))


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner)]  # pyright: ignore[reportUnknownVariableType]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def test_a_mask_is_found_wherever_it_stands() -> None:
    assert holds_mask({"a": [{"b": f"Dear {MASK}"}]})
    assert not holds_mask({"a": [{"b": "Dear"}, 1, None, True]})
