"""The words of the page come in parts: who shows one waits for it, and nobody ever reads a name in its stead."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from aiworker.cli.demo.server import DemoServer
from aiworker.delivery.attempts.owner import TASK_WORK
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask
from tests.support.browser import Visitor, visitor
from tests.support.page import card
from tests.support.story import KEY, TASK, api_of

pytestmark = pytest.mark.browser

_ENGLISH = Path(__file__).parents[2] / "web" / "src" / "shared" / "i18n" / "en"
_NAMES = {
    name
    for file in _ENGLISH.glob("*.ts")
    for name in re.findall(r"^export const (\w+)", file.read_text(), re.MULTILINE)
}
_NO_IDLE = "window.requestIdleCallback = () => 0;"
# All that was ever to be read, if only for a moment.
_REMEMBER = """
    window.read = new Set();
    const remember = (node) => {
        if (node.nodeType === 3) window.read.add(node.data.trim());
        for (const name of ['aria-label', 'title', 'placeholder']) window.read.add(node.getAttribute?.(name) ?? '');
        node.childNodes.forEach(remember);
    };
    const watcher = new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) [target, ...addedNodes].forEach(remember);
    });
    watcher.observe(document, { subtree: true, childList: true, characterData: true });
"""
AUTOMATION = ("/automation/modules", "Autom.", "Automatización", "Automation")
SETTINGS = ("/settings/projects", "Ajustes", "Ajustes", "Settings")


async def spanish(browser: Browser, server: DemoServer) -> Visitor:
    """Somebody who reads Spanish, on a machine that is never idle."""
    bob = await visitor(browser, server.url, language="es-ES")
    await bob.page.add_init_script(_NO_IDLE + _REMEMBER)
    await bob.sign_in(server.admin_key)
    return bob


@asynccontextmanager
async def held(page: Page, part: str) -> AsyncGenerator[None]:
    """A part of the words that is asked for meanwhile does not come before the end."""
    free = asyncio.Event()

    async def hold(route: Route) -> None:
        await free.wait()
        await route.continue_()

    async with page.expect_request(f"**/{part}-*.js"):
        await page.route(f"**/{part}-*.js", hold)
        yield
    free.set()


async def read(page: Page) -> set[str]:
    """What stood on the page since it was opened; never a name of words."""
    texts: set[str] = set(await page.evaluate("[...window.read]")) - {TASK_WORK}
    assert [text for text in texts if re.fullmatch(r"\w+(\.\w+)+", text) and text.split(".")[0] in _NAMES] == []
    return texts


async def choose(page: Page, menu: str, language: str) -> None:
    await page.get_by_role("button", name=menu).click()
    await page.get_by_role("menuitemradio", name=language).click()


@pytest.mark.parametrize(
    ("address", "_link", "title", "english"), [AUTOMATION, SETTINGS], ids=["automation", "settings"]
)
async def test_a_page_that_is_opened_first_waits_for_its_words_and_changes_its_language(
    server: DemoServer, browser: Browser, address: str, _link: str, title: str, english: str
) -> None:
    bob = await spanish(browser, server)
    page = bob.page
    async with held(page, "rest"):
        async with page.expect_response(f"**/{english}Page-*.js"):
            await bob.open(address)
        await expect(page.get_by_role("heading")).to_have_count(0)
    await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    assert not await read(page) & {"Automation", "Settings", "Modules", "Projects"}

    await choose(page, "Cuenta y ajustes", "English")
    await expect(page.get_by_role("heading", name=english, exact=True)).to_be_visible()
    await choose(page, "Account and settings", "Español")
    await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    await read(page)
    assert bob.troubles == []


@pytest.mark.parametrize(
    ("_address", "link", "title", "english"), [AUTOMATION, SETTINGS], ids=["automation", "settings"]
)
async def test_from_the_board_a_page_comes_together_with_its_words_in_the_language_chosen_there(
    server: DemoServer, browser: Browser, _address: str, link: str, title: str, english: str
) -> None:
    bob = await spanish(browser, server)
    page = bob.page
    await bob.open("/board")
    async with held(page, "rest"):
        await page.get_by_role("link", name=link).click()
    await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    await read(page)

    # A language that is chosen on the board comes with all its words.
    await bob.open("/board")
    await choose(page, "Cuenta y ajustes", "English")
    await page.get_by_role("link", name=english).click()
    await expect(page.get_by_role("heading", name=english, exact=True)).to_be_visible()
    await read(page)
    assert bob.troubles == []


async def test_the_board_needs_no_words_but_its_own(server: DemoServer, browser: Browser) -> None:
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY))
        api.post("tasks", body=NewTask(project_id=KEY, title="Gift cards"))
    bob = await spanish(browser, server)
    page = bob.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await bob.open(f"/board?project={KEY}")
    await expect(card(page, "Pendiente", "Gift cards")).to_be_visible()
    for button in ("Cuenta y ajustes", "Filtrar", "Tarea nueva", "Proyecto"):
        await page.get_by_role("button", name=button).first.click()
        await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Gift cards", exact=True).focus()
    for key in ("m", "Escape", "x", "?", "Escape", "Control+k"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await read(page)
    assert [url for url in asked if re.search("/(rest|told)-", url)] == []


async def spanish_visitor_of_a_task_that_waits(server: DemoServer, browser: Browser) -> Visitor:
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY))
        api.post("tasks", body=NewTask(project_id=KEY, title="Gift cards"))
        api.post("tasks", body=NewTask(project_id=KEY, title="Vouchers", depends_on=[TASK]))
    bob = await visitor(browser, server.url, language="es-ES")
    await bob.sign_in(server.admin_key)
    return bob


async def test_what_the_server_tells_is_told_in_spanish_as_soon_as_its_words_are_there(
    server: DemoServer, browser: Browser
) -> None:
    bob = await spanish_visitor_of_a_task_that_waits(server, browser)
    waits = card(bob.page, "Pendiente", "Vouchers")
    async with held(bob.page, "told"):
        await bob.open(f"/board?project={KEY}")
        await expect(waits).to_contain_text("…")
    await expect(waits).to_contain_text(f"después de {TASK}")


async def test_what_the_server_tells_is_told_in_its_own_words_where_there_are_no_others_to_be_had(
    server: DemoServer, browser: Browser
) -> None:
    bob = await spanish_visitor_of_a_task_that_waits(server, browser)
    await bob.page.route("**/told-*.js", lambda route: route.abort())
    await bob.open(f"/board?project={KEY}")
    waits = card(bob.page, "Pendiente", "Vouchers")
    await expect(waits).to_contain_text("…")
    await expect(waits).to_contain_text(f"after {TASK}", timeout=40_000)


async def test_words_that_could_not_be_fetched_are_asked_for_again(server: DemoServer, browser: Browser) -> None:
    bob = await spanish(browser, server)
    await bob.page.route("**/rest-*.js", lambda route: route.abort(), times=1)
    await bob.open("/automation/modules")
    await expect(bob.page.get_by_role("heading", name="Automatización")).to_be_visible()
    await read(bob.page)
