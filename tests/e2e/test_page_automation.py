"""Modules, schedules and reports on the page: a real Chromium and the real server."""

import pytest
from playwright.async_api import Browser, expect

from aiworker.cli.demo.server import DemoServer
from aiworker.wire.engine import Claim, Complete, NewModule, NewRobot
from aiworker.wire.robot_types import TypeSettings
from tests.support.browser import visitor
from tests.support.page import confirm
from tests.support.story import api_of

pytestmark = pytest.mark.browser

_ORDER = "What to do with letters"


async def test_modules_schedules_and_reports(server: DemoServer, browser: Browser) -> None:
    ada = await visitor(browser, server.url)
    page = ada.page
    with api_of(server) as api:
        api.post("modules", body=NewModule(module_name="letters", module_version="1", supported_robot_types=["mail"]))
        # With something to do, it is not done draining at once.
        api.post("robots", body=NewRobot(robot_type="mail", input_data={}))
        await ada.sign_in(server.admin_key)

        await ada.open("/automation/modules")
        row = page.get_by_role("row").filter(has_text="letters")
        await expect(row.get_by_role("img", name="The last 24 hours")).to_be_visible()
        system = page.get_by_role("row").filter(has_text="the system’s own").first
        await expect(system.get_by_role("switch")).to_have_count(0)
        await page.get_by_role("button", name=_ORDER).click()
        await page.get_by_role("menuitem", name="Check its health now").click()
        await expect(page.get_by_role("status").filter(has_text="letters was looked at")).to_be_visible()
        await page.get_by_role("button", name=_ORDER).click()
        await page.get_by_role("menuitem", name="Drain").click()
        await confirm(page, "Drain letters?", "Drain")
        await expect(row).to_contain_text("draining")
        assert api.get("modules", "letters")["draining"] is True
        await page.get_by_role("button", name=_ORDER).click()
        await page.get_by_role("menuitem", name="Let it take work again").click()
        await expect(row).not_to_contain_text("draining")

        await page.get_by_role("link", name="Schedules").click()
        await page.get_by_role("button", name="New schedule").click()
        form = page.get_by_role("dialog", name="New schedule")
        await form.get_by_label("Name").fill("nightly")
        await form.get_by_label("When (cron)").fill("61 25 * * *")
        await form.get_by_role("button", name="Make the schedule").click()
        await expect(form.get_by_label("When (cron)")).to_have_attribute("aria-invalid", "true")
        await expect(form).to_contain_text("The cron expression '61 25 * * *' is wrong")
        await form.get_by_label("When (cron)").fill("0 6 * * *")
        await form.get_by_role("button", name="Make the schedule").click()
        own = page.get_by_role("list", name="Schedules")
        await own.get_by_role("button", name="Run nightly now").click()
        await expect(page.get_by_role("status").filter(has_text="nightly has made its robot")).to_be_visible()
        await own.locator("button[aria-expanded]").click()
        await expect(own).to_contain_text("run by admin")
        await own.get_by_role("switch").click()
        await expect(own).to_contain_text("paused")
        assert api.get("schedules", "nightly")["isActive"] is False
        await own.get_by_role("button", name="Remove nightly").click()
        await confirm(page, "Remove the schedule nightly?", "Remove")
        await expect(page.get_by_role("heading", name="No schedule yet")).to_be_visible()

        await page.get_by_role("link", name="Reports").click()
        await expect(page.get_by_role("main").get_by_role("heading", level=2)).to_have_text(
            [
                "Where does the time go?",
                "What fails, and since when?",
                "How much is done, how fast?",
                "Is there room?",
                "Who is worth its estimate?",
            ]
        )
        await expect(page.get_by_label("Time for “Is there room?”")).to_have_count(1)
    # The refusal of the wrong expression is noted by the browser; nothing else may be.
    assert all("400" in trouble or "422" in trouble for trouble in ada.troubles), ada.troubles


async def test_a_held_result_is_corrected_in_the_inbox(server: DemoServer, browser: Browser) -> None:
    ada = await visitor(browser, server.url)
    page = ada.page
    sure = NewModule(
        module_name="letters",
        module_version="1",
        supported_robot_types=["mail"],
        type_settings={"mail": TypeSettings(min_confidence=0.9)},
    )
    with api_of(server) as api:
        api.post("modules", body=sure)
        await ada.sign_in(server.admin_key)
        robot = api.post("robots", body=NewRobot(robot_type="mail", input_data={}))["robotId"]
        await ada.open(f"/automation/robots/{robot}")
        await expect(page.get_by_role("heading", name="Executions")).to_be_visible()
        [held] = api.post("modules", "letters", "claim", body=Claim(holder="one"))
        result = Complete(lease_token=held["leaseToken"], output_data={"total": 12}, confidence_score=0.4)
        api.post("executions", held["executeId"], "complete", body=result)
        await expect(page.get_by_role("form", name="This result waits for you")).to_be_visible()

        await page.get_by_role("link", name="Inbox").click()
        form = page.get_by_role("form", name="This result waits for you")
        await form.get_by_label("Result").fill('{"total": ')
        await form.get_by_role("button", name="Accept as corrected").click()
        await expect(form).to_contain_text("This has to be a JSON object")
        await form.get_by_label("Result").fill('{"total": 13}')
        await form.get_by_role("button", name="Accept as corrected").click()
        await expect(form).to_have_count(0)
        assert api.get("robots", robot)["outputData"] == {"total": 13}
    assert ada.troubles == []
