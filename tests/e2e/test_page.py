"""The page, as people use it: a real Chromium, the real server, a real agent. Pictures go to test-results/page."""

import asyncio
import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from aiworker.cli.client import Server
from aiworker.cli.demo.agent import DemoAgent, demo_agent
from aiworker.cli.demo.sample import (
    ANSWER,
    CHOICES,
    NEW_MARKER,
    OLD_MARKER,
    QUESTION,
    START_COMMAND,
    TASK_TITLE,
    apply_change,
    make_sample_repository,
)
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask, TaskChanges
from tests.support.browser import visitor
from tests.support.page import card as card_of
from tests.support.page import confirm, indicator
from tests.support.story import KEY, TASK, api_of

pytestmark = pytest.mark.browser

NOBODY = r"error: Failed to load resource: the server responded with a status of 401 .*/api/(me|session)\)"
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


async def test_a_task_goes_all_the_way_and_back_by_clicks(server: DemoServer, browser: Browser, tmp_path: Path) -> None:
    ada = await visitor(browser, server.url)
    await ada.sign_in(server.admin_key)
    with api_of(server) as api:
        await expect(indicator(ada.page)).to_have_text("live")
        add_project(api, tmp_path)
        add_task(api)
        await expect(card(ada.page, "Backlog")).to_contain_text(TASK)
        await ada.shoot("board-backlog")

        async with demo_agent(server.url, new_key(api, "claude", Scope.AGENT)) as agent:
            attempt = (await agent.call("get_next_task", waitSeconds=20))["attempt"]
            await expect(card(ada.page, "In progress")).to_contain_text("claude")
            answer = await _ask_and_answer(ada.page, agent, attempt)
            await _hand_in(agent, attempt, answer, tmp_path)

    await ada.page.get_by_role("link", name="Board").click()
    await expect(card(ada.page, "Ready to test").get_by_role("link", name="preview")).to_be_visible()
    await ada.shoot("board-ready-to-test")
    await ada.page.get_by_role("button", name=TASK_TITLE).click()
    preview = await ada.follow(panel(ada.page).get_by_role("link", name="Open preview"))
    await expect(preview.locator("body")).to_contain_text(NEW_MARKER)
    await preview.close()
    await panel(ada.page).get_by_role("tab", name="Changes").click()
    await expect(panel(ada.page)).to_contain_text("TAX_PERCENT = 21")
    await ada.shoot("task-changes")
    await panel(ada.page).get_by_role("button", name="Approve at ").click()
    await expect(panel(ada.page)).to_contain_text("Approved")
    await panel(ada.page).get_by_role("tab", name="Overview").click()
    await ada.shoot("task-approved")

    await panel(ada.page).get_by_role("button", name="Add to release").click()
    await _ship_promote_and_roll_back(ada.page, ada.shoot)
    assert ada.troubles == []


async def _ask_and_answer(page: Page, agent: DemoAgent, attempt: str) -> str:
    """A question comes up while somebody looks at the board; they answer it from the inbox."""
    choices = [{"label": label, "description": text} for label, text in CHOICES.items()]
    asked = await agent.call("ask_user_question", attempt=attempt, question=QUESTION, choices=choices)
    await expect(card(page, "Needs input")).to_contain_text("question")
    inbox = page.get_by_role("navigation").get_by_role("link", name="Inbox")
    await expect(inbox.get_by_label("1 waits for you")).to_have_text("1")

    await inbox.click()
    form = page.get_by_role("form", name=QUESTION)
    await expect(form).to_contain_text("claude asks")
    waiting = asyncio.create_task(agent.call("check_response", questionId=asked["questionId"], waitSeconds=20))
    await form.get_by_label(ANSWER).check()
    await form.get_by_role("button", name="Send answer").click()
    heard = (await waiting)["response"]
    assert heard == ANSWER
    await expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    await expect(inbox.get_by_label("waits for you")).to_have_count(0)
    return heard


async def _hand_in(agent: DemoAgent, attempt: str, answer: str, folder: Path) -> None:
    branch = await agent.call("create_branch", attempt=attempt)
    clone = folder / "clone"
    await agent.clone(branch["cloneUrl"], branch["branch"], clone)
    apply_change(clone, answer)
    await agent.commit_and_push(clone, TASK_TITLE)
    await agent.call("create_pull_request", attempt=attempt, summary="Prices show the tax.")
    preview = await agent.call("trigger_preview", attempt=attempt, finish=False)
    assert preview["status"] == "running", preview


async def _ship_promote_and_roll_back(page: Page, shoot: Any) -> None:
    release = page.get_by_role("article", name="Release 1")
    await page.get_by_role("button", name="Ship 1 task to staging").click()
    await expect(release).to_contain_text("in staging")
    await expect(await _opened(page, "Staging")).to_contain_text(NEW_MARKER)
    await shoot("ship-in-staging")

    await release.get_by_role("button", name="Promote to production").click()
    await confirm(page, "Promote release 1 to production?", "Promote to production")
    await expect(release).to_contain_text("in production")
    await expect(await _opened(page, "Production")).to_contain_text(NEW_MARKER)
    for environment in ("Staging", "Production"):
        await expect(page.get_by_role("region", name=environment, exact=True)).to_contain_text("Release 1")
    await shoot("ship-in-production")

    await release.get_by_role("button", name="Roll back").click()
    await shoot("ship-asks-before-rolling-back")
    await confirm(page, "Roll back release 1?", "Roll back")
    await expect(release).to_contain_text("rolled back")
    await expect(await _opened(page, "Production")).to_contain_text(OLD_MARKER)
    await expect(page.get_by_role("checkbox", name=f"{TASK} {TASK_TITLE}")).to_be_visible()
    await shoot("ship-rolled-back")


async def _opened(page: Page, environment: str) -> Locator:
    """The body of what an environment answers, opened by its link on the page."""
    link = page.get_by_role("region", name=environment, exact=True).get_by_role("link")
    async with page.context.expect_page() as opened:
        await link.click()
    return (await opened.value).locator("body")


async def test_two_people_see_each_others_changes_at_once(server: DemoServer, browser: Browser, tmp_path: Path) -> None:
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
    await ada.page.get_by_role("button", name="Add task").click()
    began = time.monotonic()
    await expect(card(ben.page, "Backlog", hostile)).to_be_visible()
    assert time.monotonic() - began < 5

    await card(ben.page, "Backlog", hostile).click()
    await panel(ben.page).get_by_role("heading", name=hostile).click()
    await panel(ben.page).get_by_label("Title").fill("Said in other words")
    await ben.page.keyboard.press("Enter")
    began = time.monotonic()
    await expect(card(ada.page, "Backlog", "Said in other words")).to_be_visible()
    assert time.monotonic() - began < 5
    await ben.shoot("task-open")
    assert ada.troubles == ben.troubles == []


async def test_a_server_that_is_killed_and_started_again_finds_the_page_waiting(
    browser: Browser, tmp_path: Path
) -> None:
    async with DemoServer(tmp_path) as server:
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

    async with DemoServer(tmp_path, port=urlsplit(server.url).port or 0) as server:
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
    for name, shows in {"Board": TASK, "Inbox": "claude asks", "Agents": TASK, "Ship": "Nothing was shipped"}.items():
        await ada.page.get_by_role("navigation").get_by_role("link", name=name).click()
        await expect(ada.page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await expect(ada.page.get_by_role("main")).to_contain_text(shows)
        await expect(indicator(ada.page)).to_have_text("live")
        await ada.shoot(f"phone-{name.lower()}")
        assert await ada.cut_off() == [], name

    await ada.open(f"/tasks/{TASK}")
    await expect(panel(ada.page).get_by_role("form")).to_be_visible()
    for tab, shows in {"Overview": "wrote this task", "Changes": "changes nothing", "Attempts": "attempt 1"}.items():
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
