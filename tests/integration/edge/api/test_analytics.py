import csv
import io
from functools import partial
from typing import Any

import httpx2
import pytest

from aiworker.engine.analytics.service import keep, report
from aiworker.engine.reports.records import StoredReport
from aiworker.engine.trends.service import sample
from aiworker.wire.access import Scope
from aiworker.wire.analytics import ReportKind
from aiworker.wire.engine import NewModule
from tests.support.api import House
from tests.support.clocks import NOON

MODULE = {"moduleName": "reader", "moduleVersion": "1.0", "supportedRobotTypes": ["ocr.read"]}
LINE: dict[str, Any] = {
    "category": "RESOURCE",
    "robotType": "ocr.read",
    "step": None,
    "message": "=cmd|'/c calc'!A1, and \"more\"",
    "number": 3,
    "modules": ["reader", "spare"],
    "firstAt": "2026-03-02T12:00:00.000000Z",
    "lastAt": "2026-03-02T12:05:00.000000Z",
    "exampleRobotId": "ocr_1_000001",
}


async def stored(house: House, *lines: dict[str, Any]) -> None:
    await house.database.write(keep, StoredReport("errors", "2026-W10", NOON, complete=True, data=[*lines]))


@pytest.mark.parametrize("kind", ["performance", "errors", "capacity", "efficiency", "bottlenecks"])
async def test_before_anything_was_counted_a_report_is_empty_and_says_so(house: House, kind: str) -> None:
    async with house.client(Scope.READ) as client:
        data = (await client.get(f"/api/analytics/{kind}")).json()["data"]
        assert (data["kind"], data["madeAt"], data["complete"], data["lines"]) == (kind, None, False, [])
        sheet = await client.get(f"/api/analytics/{kind}", params={"format": "csv"})
    assert len(list(csv.reader(io.StringIO(sheet.text)))) == 1


async def test_a_report_is_read_from_where_it_was_stored(house: House) -> None:
    await stored(house, LINE)
    async with house.client(Scope.READ) as client:
        newest = (await client.get("/api/analytics/errors")).json()["data"]
        named = (await client.get("/api/analytics/errors", params={"period": "2026-W10"})).json()["data"]
        reports = (await client.get("/api/analytics/reports", params={"kind": "errors"})).json()["data"]
    assert newest == named
    assert newest["lines"] == [LINE]
    assert [(one["kind"], one["period"], one["complete"]) for one in reports] == [("errors", "2026-W10", True)]


async def test_a_report_leaves_out_what_the_system_did_if_that_is_not_wanted(house: House) -> None:
    control = NewModule(module_name="control", module_version="1", supported_robot_types=["health.check"])
    await house.database.write(house.engine.register_module, control, internal=True)
    by_module = [{"moduleName": name} for name in ("control", "reader")]
    by_modules = [{"modules": ["control"]}, {"modules": ["control", "reader"]}]
    by_type = [{"robotType": name} for name in ("health.check", "ocr.read")]
    for lines in (by_module, by_modules, by_type):
        made = StoredReport("errors", "2026-W10", NOON, complete=True, data=lines)
        await house.database.write(keep, made)
        found = await house.database.read(partial(report, system=False), ReportKind.ERRORS, None)
        assert found is not None
        assert found.data == lines[1:]
    await stored(house, LINE, {**LINE, "modules": ["control"]})
    async with house.client(Scope.READ) as client:
        wanted = {"system": "false", "format": "csv"}
        sheet = await client.get("/api/analytics/errors", params=wanted)
        whole = (await client.get("/api/analytics/errors")).json()["data"]
    assert (len(list(csv.DictReader(io.StringIO(sheet.text)))), len(whole["lines"])) == (1, 2)


async def test_a_sheet_has_the_same_names_and_no_formulas(house: House) -> None:
    await stored(house, LINE)
    async with house.client(Scope.READ) as client:
        sheet = await client.get("/api/analytics/errors", params={"format": "csv"})
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.headers["content-disposition"] == 'attachment; filename="errors-2026-W10.csv"'
    (line,) = csv.DictReader(io.StringIO(sheet.text))
    assert set(line) == set(LINE)
    assert (line["message"], line["modules"]) == (f"'{LINE['message']}", "reader, spare")


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("errors?period=2026-03-02", 422, "bad_period"),
        ("errors?period=2020-W01", 404, "report_not_found"),
        ("errors?format=xml", 422, "invalid"),
        ("trends?hours=0", 422, "invalid"),
        ("trends?hours=721", 422, "invalid"),
        ("paces?moduleName=reader&hours=721", 422, "invalid"),
        ("paces", 422, "invalid"),
        ("reports?kind=weather", 422, "invalid"),
    ],
)
async def test_a_wish_that_cannot_be_met_is_refused(house: House, address: str, status: int, code: str) -> None:
    async with house.client(Scope.READ) as client:
        answer = await client.get(f"/api/analytics/{address}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_trends_tell_the_minutes_of_a_module(house: House) -> None:
    async with house.client(Scope.MODULE) as module:
        await module.post("/api/modules", json=MODULE)
        await house.database.write(sample)
        told = await points(module, moduleName="reader")
        assert [(point["moduleName"], point["errorRate"], point["cpuPercent"]) for point in told] == [
            ("reader", 0.0, None)
        ]
        assert await points(module, moduleName="nobody") == []
        sheet = await module.get("/api/analytics/trends", params={"format": "csv"})
    assert sheet.text.splitlines()[0].startswith("moduleName,at,queued,running,utilisation")


async def points(client: httpx2.AsyncClient, **query: str) -> list[dict[str, object]]:
    data = (await client.get("/api/analytics/trends", params={"hours": 1, **query})).json()["data"]
    assert data["stepMinutes"] == 1
    return data["points"]
