"""The board by mouse and by keyboard: a real Chromium and the real server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect

from aiworker.cli.client import Server
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask, TaskPriority
from tests.support.browser import visitor
from tests.support.page import card, column, confirm, indicator, violations
from tests.support.story import KEY, TASK, api_of, hand_in

pytestmark = pytest.mark.browser

TITLES = ("Prices show the tax", "Search finds makers", "Returns as PDF")


def fill(api: Server) -> None:
    api.post("projects", body=NewProject(name="Shop", key=KEY, wip_limit=2))
    for title, priority in zip(TITLES, (TaskPriority.URGENT, TaskPriority.HIGH, TaskPriority.LOW), strict=True):
        api.post("tasks", body=NewTask(project_id=KEY, title=title, priority=priority))


async def test_cards_move_by_mouse_and_by_keyboard_only_where_they_may(server: DemoServer, browser: Browser) -> None:
    with api_of(server) as api:
        fill(api)
        ada = await visitor(browser, server.url)
        await ada.sign_in(server.admin_key)
        page = ada.page
        await ada.open(f"/board?project={KEY}")
        await expect(indicator(page)).to_have_text("live")
        assert await violations(page) == []

        # By mouse: taken where it is allowed, and told why where it is not.
        await card(page, "Backlog", TITLES[0]).hover()
        await page.mouse.down()
        await column(page, "Approved").hover()
        await column(page, "Approved").hover(position={"x": 40, "y": 120})
        await expect(column(page, "Approved")).to_contain_text("Only what is ready to test can be approved.")
        await expect(column(page, "In progress")).to_contain_text("take it yourself")
        await ada.shoot("board-dragging")
        await column(page, "In progress").hover()
        await page.mouse.up()
        await expect(card(page, "In progress", TITLES[0])).to_contain_text("by hand")
        await expect(column(page, "In progress")).to_contain_text("1/2")

        # The server refuses what the page thought possible: the card goes back, and the reason is told.
        await card(page, "In progress", TITLES[0]).drag_to(column(page, "Ready to test"))
        await expect(page.get_by_text("SHOP-1: ")).to_be_visible()
        await expect(card(page, "In progress", TITLES[0])).to_be_visible()

        # By keyboard: J goes down, M shows where to, X ticks.
        await card(page, "Backlog", TITLES[1]).get_by_role("button", name=TITLES[1]).focus()
        await page.keyboard.press("j")
        await expect(card(page, "Backlog", TITLES[2]).get_by_role("button", name=TITLES[2])).to_be_focused()
        await page.keyboard.press("m")
        await page.get_by_role("menuitem", name="Cancelled").click()
        await confirm(page, "Cancel SHOP-3?", "Cancel")
        await expect(page.get_by_role("button", name="1 Cancelled", expanded=False)).to_be_visible()
        await page.get_by_role("button", name=TITLES[1]).focus()
        await page.keyboard.press("x")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("x")
        bar = page.get_by_role("toolbar", name="2 selected")
        await bar.get_by_role("button", name="Priority").click()
        await page.get_by_role("menuitem", name="Medium").click()
        await expect(page.get_by_text("2 tasks have another priority")).to_be_visible()
        assert [api.get("tasks", key)["priority"] for key in ("SHOP-1", "SHOP-2")] == ["medium", "medium"]

        # What was done to several is undone for each.
        await page.get_by_role("button", name="Undo").click()
        await expect(card(page, "Backlog", TITLES[1])).to_contain_text("High")
        await expect(card(page, "In progress", TITLES[0])).to_contain_text("Urgent")
        for key in ("SHOP-1", "SHOP-2"):
            await expect(page.get_by_text(f"{key} has another priority")).to_be_visible()
        assert [api.get("tasks", key)["priority"] for key in ("SHOP-1", "SHOP-2")] == ["urgent", "high"]
    # The browser itself notes the refusal.
    assert len(ada.troubles) == 1
    assert "409 (Conflict)" in ada.troubles[0]


async def test_what_is_refused_goes_back_is_told_once_and_costs_no_words(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    with api_of(server) as api:
        await hand_in(server, api, tmp_path)
        api.post("tasks", body=NewTask(project_id=KEY, title=TITLES[1]))
        bob = await visitor(browser, server.url, language="es-ES")
        page = bob.page
        await bob.sign_in(server.admin_key)
        await bob.open(f"/board?project={KEY}")
        await expect(indicator(page)).to_have_text("en vivo")
        other = page.get_by_role("button", name=TITLES[1], exact=True)

        # The focus goes along with a card, and back with it.
        await other.focus()
        async with heard(page):
            await take(page)
        await expect(column(page, "En curso").get_by_role("button", name=TITLES[1])).to_be_focused()
        async with heard(page):
            await page.get_by_role("button", name="Deshacer").click()
        await expect(column(page, "Pendiente").get_by_role("button", name=TITLES[1])).to_be_focused()

        # Somebody else is faster, and the news of it comes before the refusal.
        async def too_late(route: Route) -> None:
            async with heard(page):
                api.post("tasks", "SHOP-2", "start")
            await route.continue_()

        await page.route("**/start", too_late)
        await take(page)
        told = "SHOP-2 ya está en «En curso», y desde ahí eso no se puede."
        await expect(page.get_by_text(told, exact=True)).to_be_visible()
        await expect(card(page, "En curso", TITLES[1])).to_be_visible()

        # Without a network it is told at once, and what was written stays.
        await bob.context.set_offline(True)
        await page.locator(f"#card-{TASK}").focus()
        await page.keyboard.press("m")
        await page.get_by_role("menuitem", name="Pendiente pedir cambios").click()
        asked = page.get_by_role("dialog", name="Pedir cambios")
        await asked.get_by_role("textbox").fill("Con el impuesto, por favor.")
        await asked.get_by_role("button", name="Pedir cambios").click()
        await expect(page.get_by_text(f"{TASK}: El servidor no responde.")).to_be_visible()
        await expect(asked.get_by_role("textbox")).to_have_value("Con el impuesto, por favor.")
        await bob.context.set_offline(False)
        await asked.get_by_role("button", name="Pedir cambios").click()
        await expect(asked).to_have_count(0)
        assert api.get("tasks", TASK)["state"] == "backlog"


@asynccontextmanager
async def heard(page: Page) -> AsyncGenerator[None]:
    """What is done meanwhile to a task: the page has read it anew, as the news of it made it do."""
    async with page.expect_response(lambda response: "id=" in response.url):
        yield


async def take(page: Page) -> None:
    """Take the card that has the focus, by its menu."""
    await page.keyboard.press("m")
    await page.get_by_role("menuitem", name="En curso tomarla tú").click()


async def test_filters_are_kept_in_the_address(server: DemoServer, browser: Browser) -> None:
    with api_of(server) as api:
        fill(api)
    ada = await visitor(browser, server.url)
    await ada.sign_in(server.admin_key)
    await ada.page.get_by_role("button", name="Filter", exact=True).click()
    await ada.page.get_by_role("menuitemradio", name="Urgent").click()
    await expect(column(ada.page, "Backlog").get_by_role("listitem")).to_have_count(1)
    assert parse_qs(urlsplit(ada.page.url).query)["priority"] == ["urgent"]

    await ada.page.reload()
    await expect(column(ada.page, "Backlog").get_by_role("listitem")).to_have_count(1)
    await ada.page.get_by_role("button", name="Remove the filter “Urgent”").click()
    await expect(column(ada.page, "Backlog").get_by_role("listitem")).to_have_count(3)
    assert ada.troubles == []
