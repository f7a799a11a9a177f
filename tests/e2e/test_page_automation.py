"""Modules, schedules and reports on the page: a real Chromium and the real server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from examples.documents.module import ROBOT_TYPE as DOCUMENT
from examples.documents.module import documents_module
from examples.documents.samples import make_samples
from playwright.async_api import Browser, Page, ViewportSize, expect

from aiworker.cli.client import Server
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.engine import Claim, Complete, ErrorCategory, Fail, NewModule, NewRobot
from aiworker.wire.robot_types import TypeSettings
from aiworker.wire.schedules import NewSchedule
from tests.support.browser import Visitor, visitor
from tests.support.page import confirm, violations
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

        await page.get_by_role("link", name="letters", exact=True).click()
        await expect(page.get_by_role("heading", level=3)).to_contain_text(
            ["Score and what it is made of", "Throughput"]
        )
        await _fail_in_a_row(api)
        await expect(page.get_by_role("main")).to_contain_text("5 of its robots failed in a row")
        await page.get_by_role("button", name="Let it have robots again").click()
        await expect(page.get_by_role("main")).not_to_contain_text("failed in a row")
        assert api.get("modules", "letters")["breaker"]["state"] == "CLOSED"

        await page.get_by_role("button", name="Change its limits").click()
        form = page.get_by_role("dialog", name="Limits of letters")
        await form.get_by_label("Robots at a time").fill("3")
        await form.get_by_role("button", name="Set the limits").click()
        await expect(form).to_have_count(0)
        await expect(page.get_by_role("main")).to_contain_text("of 3 at a time")
        limited = api.get("modules", "letters")
        assert (limited["maxConcurrent"], limited["maxPerMinute"]) == (3, None)

        await page.get_by_role("button", name="Hour").click()
        await page.wait_for_url("**range=hour")
        assert await violations(page) == []

        await _keep_a_schedule(page, api)

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


async def test_what_is_wrong_is_told_in_spanish(server: DemoServer, browser: Browser) -> None:
    letters = NewModule(
        module_name="letters",
        module_version="1",
        supported_robot_types=["mail"],
        # A port that is no server's.
        health_endpoint="http://127.0.0.1:1/health",
        type_settings={"mail": TypeSettings(input_schema={"type": "object", "required": ["folder"]})},
    )
    undescribed = letters.model_copy(update={"health_endpoint": None, "type_settings": {"mail": TypeSettings()}})
    mail = NewRobot(robot_type="mail", input_data={})
    with api_of(server) as api:
        api.post("modules", body=undescribed)
        api.post("schedules", body=NewSchedule(name="minutely", cron="* * * * *", robot=mail))
        api.post("modules", body=letters)
        api.post("modules", "letters", "health-check")
    ada = await visitor(browser, server.url, language="es-ES")
    page = ada.page
    await ada.sign_in(server.admin_key)

    await ada.open("/automation/modules/letters")
    trouble = "http://127.0.0.1:1/health no es accesible: allí no escucha nadie"
    await expect(page.get_by_role("main")).to_contain_text(trouble)
    await shoot_both(ada, "module")

    await ada.open("/automation/schedules")
    own = page.get_by_role("list", name="Horarios")
    why = "inputData: necesita el campo folder."
    await own.get_by_role("button", name="Ejecutar minutely ahora").click()
    await expect(page.get_by_role("status").filter(has_text=why)).to_be_visible()
    await own.locator("button[aria-expanded]").first.click()
    await expect(own).to_contain_text(f"{why} a mano, admin")
    await shoot_both(ada, "schedule")

    await own.get_by_role("button", name="Cambiar minutely").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Entrada").fill('{"file": 1}')
    await form.get_by_role("button", name="Guardar").click()
    await expect(form).to_contain_text("necesita el campo folder")
    await shoot_both(ada, "schedule-form")


async def shoot_both(ada: Visitor, name: str) -> None:
    """At a desk and on a phone, where nothing is cut off."""
    sizes: dict[str, ViewportSize] = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
    for size, viewport in sizes.items():
        await ada.page.set_viewport_size(viewport)
        await ada.shoot(f"spanish/{name}-{size}")
        assert await ada.cut_off() == []


async def _fail_in_a_row(api: Server) -> None:
    """So many that the module gets fewer."""
    api.post_lines("robots", "batches", lines=b'{"robotType": "mail", "inputData": {}, "retryLimit": 0}\n' * 5)
    for claimed in api.post("modules", "letters", "claim", body=Claim(holder="one", limit=5)):
        failure = Fail(lease_token=claimed["leaseToken"], error_category=ErrorCategory.RESOURCE, error_message="full")
        api.post("executions", claimed["executeId"], "fail", body=failure)


async def _keep_a_schedule(page: Page, api: Server) -> None:
    """Make one, change it, run it, pause it, take it away."""
    await page.get_by_role("link", name="Schedules").click()
    await page.get_by_role("button", name="New schedule").click()
    form = page.get_by_role("dialog", name="New schedule")
    await form.get_by_label("Name").fill("nightly")
    await form.get_by_label("When (cron)").fill("61 25 * * *")
    await form.get_by_role("button", name="Make the schedule").click()
    await expect(form.get_by_label("When (cron)")).to_have_attribute("aria-invalid", "true")
    await expect(form).to_contain_text("The cron expression '61 25 * * *' is wrong")
    await form.get_by_label("When (cron)").fill("0 6 * * *")
    # It tells when that would be, before anything is made.
    await expect(form.locator("time")).to_have_count(5)
    await form.get_by_role("button", name="Make the schedule").click()
    own = page.get_by_role("list", name="Schedules")
    await own.get_by_role("button", name="Change nightly").click()
    form = page.get_by_role("dialog", name="Change the schedule nightly")
    await expect(form.get_by_label("Name", exact=True)).to_have_count(0)
    await form.get_by_label("Input").fill('{"folder": "inbox"}')
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    changed = api.get("schedules", "nightly")
    assert (changed["cron"], changed["robot"]["inputData"]) == ("0 6 * * *", {"folder": "inbox"})
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
        await expect(page.get_by_text("waits for review", exact=True)).to_be_visible()

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


async def test_a_batch_from_a_file_is_followed_to_its_end(server: DemoServer, browser: Browser, tmp_path: Path) -> None:
    ada = await visitor(browser, server.url)
    page = ada.page
    # What has just changed glows, and colours cannot be judged meanwhile.
    await page.emulate_media(reduced_motion="reduce")
    rows = tmp_path / "letters.csv"
    rows.write_text("to,text\n" + "".join(f'ana{n},"Hello, {n}"\n' for n in range(300)))
    with api_of(server) as api:
        api.post("modules", body=NewModule(module_name="letters", module_version="1", supported_robot_types=["mail"]))
        await ada.sign_in(server.admin_key)
        await ada.open("/automation/batches")
        await page.get_by_role("button", name="New batch").click()
        form = page.get_by_role("dialog", name="New batch")
        await form.get_by_label("File").set_input_files(rows)
        await expect(form).to_contain_text("300 robots, the first with this input")
        await form.get_by_label("Name of the batch").fill("monday")
        await form.get_by_role("button", name="Make the robots").click()
        await page.wait_for_url("**/automation/batches/monday")
        await expect(page.get_by_role("main")).to_contain_text("0 of 300 done")

        one, two = api.post("modules", "letters", "claim", body=Claim(holder="one", limit=2))
        assert one["inputData"] == {"to": "ana0", "text": "Hello, 0"}
        api.post("executions", one["executeId"], "complete", body=Complete(lease_token=one["leaseToken"]))
        refusal = Fail(
            lease_token=two["leaseToken"], error_category=ErrorCategory.BUSINESS, error_message="Nobody of that name."
        )
        api.post("executions", two["executeId"], "fail", body=refusal)
        await expect(page.get_by_role("main")).to_contain_text("2 of 300 done")
        await expect(page.get_by_role("region", name="What failed, and why")).to_contain_text("Nobody of that name.")
        assert await violations(page) == []

        # Of 300 robots only those in sight are there; the rest comes as one scrolls.
        await page.get_by_role("link", name="All its robots").click()
        robots = page.get_by_role("list", name="Robots")
        await expect(robots.get_by_role("listitem").first).to_be_visible()
        assert await robots.get_by_role("listitem").count() < 60
        await robots.locator("..").evaluate("list => { list.scrollTop = list.scrollHeight }")
        await expect(page.get_by_text("All 200 that are loaded")).to_be_visible()
        await page.get_by_role("searchbox", name="Search by id").fill(two["robotId"])
        await expect(robots.get_by_role("listitem")).to_have_count(1)
        row = robots.get_by_role("listitem")
        await expect(row).to_contain_text("failed")
        await _save_the_filter(page, "the unlucky one")
        # Changed from elsewhere, it changes in its place.
        api.post("robots", two["robotId"], "retry")
        await expect(row).to_contain_text("waiting")
        assert await violations(page) == []
        await row.get_by_role("link").first.click()
        trail = page.get_by_role("region", name="Who did what").get_by_role("listitem")
        await expect(trail.first).to_contain_text("Tried again")
        await _ask_for_the_systems_own(page, api, ada)

        await ada.open("/automation/batches/monday")
        await page.get_by_role("button", name="Cancel the batch").click()
        await confirm(page, "Cancel the batch monday?", "Cancel the batch")
        await expect(page.get_by_role("main")).to_contain_text("300 of 300 done")
        assert api.get("robots", "batches", "monday")["byStatus"] == {"COMPLETED": 1, "CANCELLED": 299}
        await _see_documents_being_read(ada, api, server, tmp_path)
    assert ada.troubles == []


async def _see_documents_being_read(ada: Visitor, api: Server, server: DemoServer, folder: Path) -> None:
    """The example's module reads real files, twice three of them, while one looks on and never loads the page again."""
    page = ada.page
    first, *others = make_samples(folder / "in", 6)

    @asynccontextmanager
    async def reading() -> AsyncGenerator[None]:
        stop = asyncio.Event()
        module = documents_module(folder / "in", folder / "out")
        at_work = module.serve(stop, url=server.url, token=server.admin_key, folder=folder / "endings")
        working = asyncio.create_task(at_work)
        try:
            yield
        finally:
            stop.set()
            await working

    def hand_in(*names: str) -> list[str]:
        news = [NewRobot(robot_type=DOCUMENT, input_data={"name": name}, correlation_id="papers") for name in names]
        return [api.post("robots", body=new)["robotId"] for new in news]

    api.post("modules", body=NewModule(module_name="documents", module_version="1.0", supported_robot_types=[DOCUMENT]))
    (robot,) = hand_in(first)
    await ada.open(f"/automation/robots/{robot}")
    main = page.get_by_role("main")
    await expect(main).to_contain_text("waiting")
    await page.evaluate("window.neverLoadedAgain = true")
    async with reading():
        await expect(main).to_contain_text("find fields")
        await expect(main).to_contain_text("completed")
        await main.get_by_role("link", name="papers", exact=True).click()
        await expect(main).to_contain_text("1 of 1 done")
        hand_in(*others[:2])
        await expect(main).to_contain_text("3 of 3 done")
    hand_in(*others[2:])
    await expect(main).to_contain_text("3 of 6 done")
    async with reading():
        await expect(main).to_contain_text("6 of 6 done")
    assert await page.evaluate("window.neverLoadedAgain") is True
    assert len(list((folder / "out").glob("*.json"))) == 6


async def _ask_for_the_systems_own(page: Page, api: Server, ada: Visitor) -> None:
    """They are left out until then."""
    api.post("schedules", "health.check", "run")
    await ada.open("/automation/robots")
    robots = page.get_by_role("list", name="Robots").get_by_role("listitem")
    own = robots.filter(has_text="health.check")
    await expect(robots.first).to_be_visible()
    await expect(own).to_have_count(0)
    await page.get_by_role("button", name="The system’s own").click()
    await page.wait_for_url("**system=true")
    await expect(own.first).to_be_visible()


async def _save_the_filter(page: Page, name: str) -> None:
    """Give what is shown a name, look at everything, and come back to it by that name."""
    robots = page.get_by_role("list", name="Robots").get_by_role("listitem")
    await page.get_by_role("button", name="Saved filters").click()
    await page.get_by_role("menuitem", name="Save these filters").click()
    form = page.get_by_role("dialog", name="Save these filters")
    await form.get_by_label("Name").fill(name)
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    await page.get_by_role("searchbox", name="Search by id").fill("")
    await expect(robots.nth(1)).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="Saved filters").click()
    await page.get_by_role("menuitem", name=name).click()
    await expect(robots).to_have_count(1)
    await page.get_by_role("button", name=name).click()
    await page.get_by_role("menuitem", name=f"Forget “{name}”").click()
    await expect(page.get_by_role("button", name="Saved filters")).to_be_visible()
