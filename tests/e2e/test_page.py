"""The page, as people use it: a real Chromium, the real server, a real agent. Pictures go to test-results/page."""

import asyncio
import json
import os
import re
import signal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from aiworker.cli.client import Server
from aiworker.cli.demo.agent import demo_agent
from aiworker.cli.demo.sample import (
    START_COMMAND,
    TASK_TITLE,
    make_sample_repository,
)
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask, TaskChanges
from tests.support.browser import visitor
from tests.support.keeper import free_port
from tests.support.page import card as card_of
from tests.support.page import indicator
from tests.support.story import KEY, TASK, api_of

pytestmark = pytest.mark.browser

NOBODY = r"error: Failed to load resource: the server responded with a status of 401 .*/api/(me|session)\)"
# The clock on the wall, as two pages have each a clock of their own.
_WHEN_PAINTED = """
    (text) => new Promise((painted) => {
        const look = () => {
            if (document.querySelector('main').textContent.includes(text)) painted(Date.now());
            else requestAnimationFrame(look);
        };
        look();
    })
"""
AWAY = r"error: .*(net::ERR_|WebSocket connection to ).*"


def add_project(api: Server, folder: Path) -> None:
    source = folder / "source"
    make_sample_repository(source)
    api.post("projects", body=NewProject(name="Shop", key=KEY, repo=str(source), start_command=START_COMMAND))


def add_task(api: Server, title: str = TASK_TITLE) -> dict[str, Any]:
    return api.post("tasks", body=NewTask(project_id=KEY, title=title))


def new_key(api: Server, name: str, scope: Scope) -> str:
    return api.post("keys", body=NewKey(name=name, scope=scope))["key"]


def card(page: Page, state: str, title: str = TASK_TITLE) -> Locator:
    return card_of(page, state, title)


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name=f"Task {TASK}")


async def test_the_link_signs_in_once_and_says_so_when_it_is_spent(server: DemoServer, browser: Browser) -> None:
    first = await visitor(browser, server.url)
    await first.open(server.sign_in)
    await first.page.wait_for_url("**/board")
    await expect(first.page.get_by_role("heading", name="Bring a repository")).to_be_visible()
    await first.shoot("signed-in-nothing-there-yet")
    await first.page.reload()
    await expect(first.page.get_by_role("heading", name="Bring a repository")).to_be_visible()
    assert first.troubles == []

    second = await visitor(browser, server.url)
    await second.open(server.sign_in)
    await expect(second.page.get_by_role("alert")).to_contain_text("This link does not work any more.")
    await expect(second.page.get_by_role("alert")).to_contain_text("aiworker key create")
    await second.shoot("link-is-spent")
    assert [trouble for trouble in second.troubles if not re.fullmatch(NOBODY, trouble)] == []


@pytest.mark.soak
async def test_a_stranger_is_asked_to_sign_in_and_then_brought_where_they_wanted(
    server: DemoServer, browser: Browser
) -> None:
    stranger = await visitor(browser, server.url)
    await stranger.open("/inbox")
    await stranger.page.wait_for_url("**/sign-in?next=**")
    assert len(stranger.troubles) == 1, "who they are was asked more than once"

    await stranger.page.get_by_label("API key").fill("aiw_this-key-was-never-made")
    await stranger.page.get_by_role("button", name="Sign in").click()
    await expect(stranger.page.get_by_role("alert")).to_be_visible()
    await stranger.shoot("a-wrong-key")
    await stranger.page.get_by_label("API key").fill(server.admin_key)
    await stranger.page.get_by_role("button", name="Sign in").click()
    await expect(stranger.page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    assert urlsplit(stranger.page.url).path == "/inbox"
    assert [trouble for trouble in stranger.troubles if not re.fullmatch(NOBODY, trouble)] == []


@pytest.mark.soak
async def test_who_loses_the_key_is_led_back_to_the_sign_in_page(server: DemoServer, browser: Browser) -> None:
    with api_of(server) as api:
        guest = await visitor(browser, server.url)
        await guest.sign_in(new_key(api, "guest", Scope.MEMBER))
        await expect(indicator(guest.page)).to_have_text("live")
        key = next(key for key in api.get("keys") if key["name"] == "guest")
        api.delete("keys", key["id"])
        await guest.page.wait_for_url("**/sign-in?next=**")
        await expect(guest.page.get_by_label("API key")).to_be_visible()


async def test_two_people_see_each_others_changes_within_a_second(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    with api_of(server) as api:
        add_project(api, tmp_path)
        ada, ben = await visitor(browser, server.url), await visitor(browser, server.url)
        await ada.sign_in(server.admin_key)
        await ben.sign_in(new_key(api, "ben", Scope.MEMBER))
    await expect(indicator(ben.page)).to_have_text("live")
    await expect(indicator(ada.page)).to_have_text("live")

    hostile = "<img src=x onerror=alert(1)> & «ünïcode» 漢字"
    await ada.page.get_by_role("button", name="Write a task").click()
    await ada.page.get_by_label("Title").fill(hostile)
    seen = [await until_seen(ada.page, "Control+Enter", "POST", by=ben.page, shows=hostile)]
    await card(ben.page, "Backlog", hostile).click()
    await panel(ben.page).get_by_role("heading", name=hostile).click()
    # Each is waited for as long as it takes: a busy machine may delay some of them, but not all.
    while len(seen) < 5 or (min(seen) >= 1.0 and len(seen) < 25):
        title = f"Said in other words, {len(seen)}"
        await panel(ben.page).get_by_label("Title").fill(title)
        seen.append(await until_seen(ben.page, "Enter", "PATCH", by=ada.page, shows=title))
        await panel(ben.page).get_by_role("button", name=title).click()
    await ben.shoot("task-open")
    assert min(seen) < 1.0, seen
    assert ada.troubles == ben.troubles == []


async def until_seen(page: Page, press: str, method: str, *, by: Page, shows: str) -> float:
    """Seconds from the server's answer to a change until somebody else's page has painted it."""
    watching = asyncio.create_task(by.evaluate(_WHEN_PAINTED, shows))
    async with page.expect_response(lambda answer: answer.request.method == method) as answered:
        await page.keyboard.press(press)
    timing = (await answered.value).request.timing
    painted = await asyncio.wait_for(watching, 60)
    return (painted - timing["startTime"] - timing["responseStart"]) / 1000


async def test_a_server_that_is_killed_and_started_again_finds_the_page_waiting(
    browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    async with DemoServer(tmp_path, port) as server:
        with api_of(server) as api:
            add_project(api, tmp_path)
            add_task(api, "Written before")
        ada = await visitor(browser, server.url)
        await ada.sign_in(server.admin_key)
        await expect(indicator(ada.page)).to_have_text("live")
        await expect(card(ada.page, "Backlog", "Written before")).to_be_visible()

        os.kill(json.loads((server.home / "server.json").read_text())["pid"], signal.SIGKILL)
        await expect(indicator(ada.page)).to_contain_text("reconnecting, shown as of")
        await expect(card(ada.page, "Backlog", "Written before")).to_be_visible()
        await ada.shoot("server-is-away")
        assert [trouble for trouble in ada.troubles if not re.fullmatch(AWAY, trouble)] == []

    async with DemoServer(tmp_path, port) as server:
        with api_of(server) as api:
            add_task(api, "Written after")
            api.patch("tasks", TASK, body=TaskChanges(title="Changed after"))
            await expect(indicator(ada.page)).to_have_text("live")
            await expect(card(ada.page, "Backlog", "Written after")).to_be_visible()
            await expect(card(ada.page, "Backlog", "Changed after")).to_be_visible()
            ada.troubles.clear()
            add_task(api, "Written while live again")
            await expect(card(ada.page, "Backlog", "Written while live again")).to_be_visible()
        assert ada.troubles == []


async def test_a_phone_shows_everything_without_scrolling_sideways(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    title = "A title as long as people write them when they are in a hurry: " + "Donaudampfschifffahrt" * 9
    with api_of(server) as api:
        add_project(api, tmp_path)
        add_task(api, title)
        async with demo_agent(server.url, new_key(api, "claude", Scope.AGENT)) as agent:
            attempt = (await agent.call("get_next_task", waitSeconds=20))["attempt"]
            await agent.call("ask_user_question", attempt=attempt, question="Which " + "address" * 40 + "?")
        add_task(api)

    ada = await visitor(browser, server.url, phone=True)
    await ada.sign_in(server.admin_key)
    for name, shows in {"Board": TASK, "Inbox": "claude asks", "Agents": TASK, "Ship": "Nothing runs here yet"}.items():
        await ada.page.get_by_role("navigation").get_by_role("link", name=name).click()
        await expect(ada.page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await expect(ada.page.get_by_role("main")).to_contain_text(shows)
        await expect(indicator(ada.page)).to_have_text("live")
        await ada.shoot(f"phone-{name.lower()}")
        assert await ada.cut_off() == [], name

    await ada.page.get_by_role("button", name="Search").click()
    await ada.page.keyboard.type("nothing like it")
    await ada.shoot("phone-search")
    await expect(ada.page).to_have_url(re.compile(r"/board\?q=nothing"))
    await expect(ada.page.get_by_role("main")).not_to_contain_text(TASK)
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.get_by_role("searchbox")).to_have_count(0)

    await ada.open(f"/tasks/{TASK}")
    await expect(panel(ada.page).get_by_role("form")).to_be_visible()
    for tab, shows in {"Overview": "wrote this task", "Changes": "No changes", "Attempts": "attempt 1"}.items():
        await panel(ada.page).get_by_role("tab", name=tab).click()
        await expect(panel(ada.page).get_by_role("tabpanel", name=tab)).to_contain_text(shows)
        await ada.shoot(f"phone-task-{tab.lower()}")
        assert await ada.cut_off() == [], tab
    box = await panel(ada.page).bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 844)

    await panel(ada.page).get_by_role("tab", name="Overview").click()
    await panel(ada.page).get_by_label("Your answer").fill("The shipping address")
    await panel(ada.page).get_by_role("button", name="Send answer").click()
    await expect(panel(ada.page).get_by_role("form")).to_have_count(0)
    await panel(ada.page).get_by_role("button", name="Close").click()
    await expect(panel(ada.page)).to_have_count(0)
    assert ada.troubles == []


async def test_who_signs_in_is_never_led_to_another_site(server: DemoServer, browser: Browser) -> None:
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example/"):
        ada = await visitor(browser, server.url)
        await ada.open(f"/sign-in?next={quote(elsewhere)}")
        await ada.page.get_by_label("API key").fill(server.admin_key)
        await ada.page.get_by_role("button", name="Sign in").click()
        await ada.page.wait_for_url(f"{server.url}/board")


async def test_what_makes_no_sense_in_an_address_is_left_out(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    with api_of(server) as api:
        add_project(api, tmp_path)
        add_task(api)
    ada = await visitor(browser, server.url)
    await ada.sign_in(server.admin_key)
    await ada.open(f"/board?task={TASK}&tab=nowhere&priority=HUGE")
    await expect(panel(ada.page).get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    await expect(card(ada.page, "Backlog")).to_be_visible()
    await ada.open("/automation/robots?status=LOST")
    await expect(ada.page.get_by_role("heading", name="No robot yet")).to_be_visible()
    await ada.open("/ship?project=NOPE")
    await expect(ada.page.get_by_role("main")).to_contain_text("There is no project NOPE.")
    await ada.page.get_by_role("main").get_by_role("link", name="All projects").click()
    await expect(ada.page.get_by_role("main")).to_contain_text("No approved task")


async def test_a_link_to_a_task_that_is_not_there_says_so_and_can_be_closed(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    with api_of(server) as api:
        add_project(api, tmp_path)
    ada = await visitor(browser, server.url, phone=True)
    await ada.sign_in(server.admin_key)
    await ada.open(f"/tasks/{TASK}")
    await expect(panel(ada.page).get_by_role("alert")).to_contain_text(f"There is no task '{TASK}'.")
    await expect(panel(ada.page).get_by_role("button", name="Try again")).to_have_count(0)
    await panel(ada.page).get_by_role("button", name="Close").click()
    await expect(panel(ada.page)).to_have_count(0)
    await expect(ada.page.get_by_role("heading", name="Write the first task")).to_be_visible()
