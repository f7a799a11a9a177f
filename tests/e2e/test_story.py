"""The whole story of a task on the page: on a desk by keyboard alone, and on a phone in Spanish by taps."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

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
from aiworker.wire.projects import NewProject, ProjectChanges
from tests.support.browser import Visitor, visitor
from tests.support.page import card, indicator, violations
from tests.support.story import KEY, TASK, api_of, page_of

pytestmark = pytest.mark.browser

_MOST_TABS = 120


@asynccontextmanager
async def shop(server: DemoServer, folder: Path) -> AsyncGenerator[DemoAgent]:
    """A project, and an agent that waits for its first task."""
    source = folder / "source"
    make_sample_repository(source)
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY, repo=str(source), start_command=START_COMMAND))
        key = api.post("keys", body=NewKey(name="claude", scope=Scope.AGENT))["key"]
    async with demo_agent(server.url, key) as agent:
        yield agent


async def ask(agent: DemoAgent) -> tuple[str, str]:
    """The agent takes the task and asks about it: its attempt, and the question."""
    attempt = (await agent.call("get_next_task", waitSeconds=20))["attempt"]
    choices = [{"label": label, "description": text} for label, text in CHOICES.items()]
    asked = await agent.call("ask_user_question", attempt=attempt, question=QUESTION, choices=choices)
    return attempt, asked["questionId"]


async def hand_in(agent: DemoAgent, attempt: str, question: str, folder: Path) -> None:
    """The agent hears the answer, does the work and puts up a preview."""
    heard = (await agent.call("check_response", questionId=question, waitSeconds=30))["response"]
    assert heard == ANSWER
    branch = await agent.call("create_branch", attempt=attempt)
    clone = folder / "clone"
    await agent.clone(branch["cloneUrl"], branch["branch"], clone)
    apply_change(clone, heard)
    await agent.commit_and_push(clone, TASK_TITLE)
    await agent.call("create_pull_request", attempt=attempt, summary="Prices show the tax.")
    preview = await agent.call("trigger_preview", attempt=attempt, finish=False)
    assert preview["status"] == "running", preview


async def focus(page: Page, target: Locator) -> None:
    """Go there with the Tab key, as who has no mouse does."""
    await expect(target).to_be_enabled()
    for _ in range(_MOST_TABS):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


async def press(page: Page, name: str, within: Locator | None = None) -> None:
    """Press a button by Tab and Enter."""
    await focus(page, (within or page.locator("body")).get_by_role("button", name=name))
    await page.keyboard.press("Enter")


async def test_the_whole_story_comes_true_by_keyboard_alone(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    ada = await visitor(browser, server.url)
    page, keyboard = ada.page, ada.page.keyboard
    await ada.open("/sign-in")
    await focus(page, page.get_by_label("API key"))
    await keyboard.insert_text(server.admin_key)
    await keyboard.press("Enter")
    await page.wait_for_url("**/board")
    ada.troubles.clear()
    async with shop(server, tmp_path) as agent:
        await expect(indicator(page)).to_have_text("live")
        await expect(page.get_by_role("button", name="Write a task")).to_be_visible()
        await keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Go to the inbox")
        await keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await keyboard.press("c")
        await expect(page.get_by_label("Title")).to_be_focused()
        await keyboard.type(TASK_TITLE)
        await keyboard.press("Control+Enter")
        await expect(page.get_by_role("button", name=TASK_TITLE)).to_be_visible()
        await expect(page.get_by_role("dialog")).to_have_count(0)

        attempt, question = await ask(agent)
        await expect(card(page, "Needs input", TASK_TITLE)).to_contain_text("question")
        await keyboard.type("gi")
        form = page.get_by_role("form", name=QUESTION)
        await focus(page, form.get_by_role("radio").first)
        await keyboard.press("Space")
        await expect(form.get_by_label(ANSWER)).to_be_checked()
        await keyboard.press("Control+Enter")
        await expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
        await hand_in(agent, attempt, question, tmp_path)

    await _review_by_keyboard(ada)
    await _ship_and_roll_back_by_keyboard(ada, server)
    assert ada.troubles == []


async def _review_by_keyboard(ada: Visitor) -> None:
    """From the palette to the board, into the task's changes, and to the release."""
    page, keyboard = ada.page, ada.page.keyboard
    await keyboard.press("Control+k")
    await keyboard.type(TASK)
    await expect(page.get_by_role("option", name=TASK)).to_have_attribute("aria-selected", "true")
    await ada.shoot("palette")
    assert await violations(page) == []
    await keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await keyboard.type("gb")
    await expect(card(page, "Ready to test", TASK_TITLE)).to_contain_text("preview")
    await ada.shoot("board-ready-to-test")
    await keyboard.press("j")
    await keyboard.press("Enter")
    panel = page.get_by_role("complementary", name=f"Task {TASK}")
    await focus(page, panel.get_by_role("tab", name="Overview"))
    await keyboard.press("ArrowRight")
    await keyboard.press("Enter")
    await expect(panel).to_contain_text("TAX_PERCENT = 21")
    await ada.shoot("task-changes")
    await press(page, "Approve at ", panel)
    await expect(panel).to_contain_text("Approved")
    await press(page, "Add to release", panel)


async def _ship_and_roll_back_by_keyboard(ada: Visitor, server: DemoServer) -> None:
    page = ada.page
    release = page.get_by_role("article", name="Release 1")
    await press(page, "Ship 1 task to staging")
    await expect(release).to_contain_text("in staging")
    assert NEW_MARKER in (await page_of(server, "staging"))[1]
    await ada.shoot("ship-in-staging")
    await press(page, "Promote to production", release)
    await press(page, "Promote to production", page.get_by_role("alertdialog", name="Promote release 1 to production?"))
    await expect(page.get_by_role("region", name="Production", exact=True)).to_contain_text("in production")
    await ada.shoot("ship-in-production")
    await press(page, "Roll back", release)
    await ada.shoot("ship-asks-before-rolling-back")
    await press(page, "Roll back", page.get_by_role("alertdialog", name="Roll back release 1?"))
    await expect(release).to_contain_text("rolled back")
    assert OLD_MARKER in (await page_of(server, "production"))[1]
    await expect(page.get_by_role("checkbox", name=f"{TASK} {TASK_TITLE}")).to_be_visible()
    await ada.shoot("ship-rolled-back")


async def test_the_whole_story_comes_true_on_a_phone_in_spanish(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    ada = await visitor(browser, server.url, phone=True, language="es-ES")
    page = ada.page
    await ada.sign_in(server.admin_key)
    places = page.get_by_role("navigation")
    async with shop(server, tmp_path) as agent:
        await expect(indicator(page)).to_have_text("en vivo")
        await page.get_by_role("button", name="Escribir una tarea").tap()
        await page.get_by_label("Título").fill(TASK_TITLE)
        await page.get_by_role("button", name="Añadir tarea").tap()
        await expect(card(page, "Pendiente", TASK_TITLE)).to_contain_text(TASK)
        attempt, question = await ask(agent)
        inbox = places.get_by_role("link", name="Bandeja")
        await expect(inbox.get_by_label("1 te espera")).to_have_text("1")
        await inbox.tap()
        await page.get_by_role("button", name=QUESTION).tap()
        form = page.get_by_role("form", name=QUESTION)
        await expect(form).to_contain_text("claude pregunta")
        await form.get_by_label(ANSWER).check()
        await ada.shoot("story-phone-question")
        await form.get_by_role("button", name="Enviar respuesta").tap()
        await hand_in(agent, attempt, question, tmp_path)

    await places.get_by_role("link", name="Tablero").tap()
    await page.get_by_role("group", name="Columnas").get_by_role("button", name="Por revisar").tap()
    await expect(card(page, "Por revisar", TASK_TITLE)).to_contain_text("vista previa")
    await _review_on_a_phone(ada)
    release = await _ship_on_a_phone(ada, server, tmp_path)
    await _confirmed(page, release, "Llevar a producción", "¿Llevar la entrega 1 a producción?")
    await expect(release).to_contain_text("en producción")
    production = page.get_by_role("region", name="Producción", exact=True)
    shown = await ada.follow(production.get_by_role("link"))
    await expect(shown.locator("body")).to_contain_text(NEW_MARKER)
    await shown.close()
    await _confirmed(page, release, "Revertir", "¿Revertir la entrega 1?")
    await expect(release).to_contain_text("revertida")
    await expect(page.get_by_role("checkbox", name=re.compile(TASK))).to_be_visible()
    await ada.shoot("story-phone-rolled-back")
    assert await ada.cut_off() == []
    assert ada.troubles == []


async def _review_on_a_phone(ada: Visitor) -> None:
    """Into the task: its preview and what that writes, its history, its changes, and to the release."""
    page = ada.page
    await page.get_by_role("button", name=TASK_TITLE).tap()
    panel = page.get_by_role("complementary", name=f"Tarea {TASK}")
    preview = await ada.follow(panel.get_by_role("link", name="Abrir vista previa"))
    await expect(preview.locator("body")).to_contain_text(NEW_MARKER)
    await preview.close()
    await panel.get_by_role("tab", name="Vista previa").tap()
    await panel.get_by_text("Registro de la vista previa").tap()
    # What the program goes on to write, not only what it wrote when it was put up.
    await expect(panel.get_by_role("log")).to_contain_text("GET / HTTP")
    await ada.shoot("story-phone-preview-log")
    await panel.get_by_role("tab", name="Resumen").tap()
    await expect(panel).to_contain_text("claude la presentó para que se revise.")
    await panel.get_by_role("tab", name="Cambios").tap()
    await expect(panel).to_contain_text("TAX_PERCENT = 21")
    assert await ada.cut_off() == []
    await panel.get_by_role("button", name="Aprobar en ").tap()
    await panel.get_by_role("button", name="Añadir a una entrega").tap()


async def _ship_on_a_phone(ada: Visitor, server: DemoServer, folder: Path) -> Locator:
    """The task goes to staging, and the roll-out is read along; the release."""
    page = ada.page
    release = page.get_by_role("article", name="Entrega 1")
    gate = folder / "gate"
    with api_of(server) as api:
        waits = f"sh -c 'echo getting ready; until [ -e {gate} ]; do sleep 0.1; done'"
        api.patch("projects", KEY, body=ProjectChanges(setup_command=waits))
    await page.get_by_role("button", name="Llevar 1 tarea a staging").tap()
    # A roll-out is read along while it goes on.
    await expect(release.get_by_role("log")).to_contain_text("getting ready")
    await ada.shoot("story-phone-rolling-out")
    assert await ada.cut_off() == []
    gate.touch()
    await expect(release).to_contain_text("en staging")
    await ada.shoot("story-phone-staging")
    return release


async def _confirmed(page: Page, release: Locator, what: str, question: str) -> None:
    await release.get_by_role("button", name=what).tap()
    asked = page.get_by_role("alertdialog", name=question)
    await asked.get_by_role("button", name=what, exact=True).tap()
    await asked.wait_for(state="detached")
