"""What the OpenAPI description promises, held against answers to whatever Schemathesis can think of."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

from aiworker.edge.api.app import ROUTERS
from aiworker.wire.access import Scope
from aiworker.wire.engine import NewModule
from tests.support.house import open_house

# The house is in a thread of this process, and rolls its dice there (for jitter) while Hypothesis looks.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")

NOUNS = ["about", *sorted({str(router.tags[0]) for router in ROUTERS})]
EXAMPLES = 8
# Rules that a JSON schema does not tell (a key has no session to end) make a valid request wrong.
LEFT_OUT = [positive_data_acceptance]
# Also 413: what is too long for its field may be too large as a whole.
REFUSED = {"expected-statuses": ["4xx"]}


class Street:
    """A house that stands in a thread and in an event loop of its own, with something of each noun in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._stand(),))
        self.url = ""
        self.key = ""

    def __enter__(self) -> "Street":
        self._thread.start()
        assert self._open.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _stand(self) -> None:
        async with open_house(self._folder) as house:
            self.url, (_, self.key) = house.url, await house.key("root", Scope.ADMIN)
            await house.task(await house.project())
            ocr = NewModule(module_name="ocr", module_version="1", supported_robot_types=["ocr.page"])
            await house.write(house.engine.register_module, ocr)
            self._open.set()
            await self._stop.wait()


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with Street(tmp_path_factory.mktemp("street")) as standing:
        yield standing


@pytest.fixture(scope="module")
def schema(street: Street) -> BaseSchema:
    return schemathesis.openapi.from_url(
        f"{street.url}/api/openapi.json",
        headers={"authorization": f"Bearer {street.key}"},
        timeout=60,
        config=schemathesis.Config.from_dict({"request-timeout": 60, "checks": {"negative_data_rejection": REFUSED}}),
    )


@pytest.mark.parametrize("noun", NOUNS)
def test_every_answer_is_one_that_was_described(street: Street, schema: BaseSchema, noun: str) -> None:
    found = list(schema.include(tag=noun).get_all_operations())
    assert found
    for operation in found:
        assert isinstance(operation, Ok), operation
        try_out(operation.ok(), street)


def try_out(operation: Any, street: Street) -> None:
    good = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=good | bad)
    def told(case: Any) -> None:
        if isinstance(case.body, dict) and "waitSeconds" in case.body:
            case.body["waitSeconds"] = 0
        # What is wrong with a wrong one may be the very name.
        right = case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE
        for name, known in {"task": "SHOP-1", "project": "SHOP", "moduleName": "ocr"}.items():
            if right and name in case.path_parameters and case.body:
                case.path_parameters[name] = known
        headers = {"authorization": f"Bearer {street.key}"}
        case.validate_response(case.call(headers=headers), headers=headers, excluded_checks=LEFT_OUT)

    told()
