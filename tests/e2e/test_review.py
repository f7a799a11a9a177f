"""Comments on lines are gathered, kept whatever happens, and reach the agent together."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from aiworker.cli.demo.agent import demo_agent
from aiworker.cli.demo.server import DemoServer
from tests.support.browser import visitor
from tests.support.page import violations
from tests.support.story import KEY, TASK, api_of, hand_in

pytestmark = pytest.mark.browser

CHANGES = f"/board?project={KEY}&task={TASK}&tab=changes"


def line(page: Page, number: int) -> Locator:
    """The number of a line; a click on it begins a comment."""
    return page.get_by_role("button", name=f"Comentar la línea {number}", exact=True).first


async def test_what_is_written_on_lines_is_never_lost_and_reaches_the_agent(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    with api_of(server) as api:
        await hand_in(server, api, tmp_path)
        path = api.get("tasks", TASK, "diff")["files"][0]["path"]
        bob = await visitor(browser, server.url, phone=True, language="es-ES")
        page = bob.page
        await bob.sign_in(server.admin_key)
        await bob.open(CHANGES)
        await page.locator("button[data-line]").first.wait_for()
        first, second, third = [int(each) for each in await page.locator("button[data-line]").all_inner_texts()][:3]

        # What was typed goes along to another line, and no button is out of sight.
        await line(page, first).click()
        words = page.get_by_role("textbox", name=f"Comentar la línea {first}")
        await words.fill("¿Por qué aquí?")
        await line(page, second).click()
        await expect(page.get_by_role("textbox", name=f"Comentar la línea {second}")).to_have_value("¿Por qué aquí?")
        add = page.get_by_role("button", name="Añadir comentario")
        await expect(add).to_be_in_viewport(ratio=1)
        await page.get_by_label("Línea", exact=True).fill(str(third))
        assert await violations(page) == []
        await add.click()
        await expect(line(page, third)).to_be_focused()

        # A line that the change does not show: it stands at the head of its file.
        await line(page, first).click()
        await page.keyboard.type("Más abajo")
        await page.get_by_label("Línea", exact=True).fill("999")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("En la línea 999: Más abajo")).to_be_visible()

        # It is kept where the task and the page are closed, and can be put in other words.
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("complementary")).to_have_count(0)
        await bob.open(CHANGES)
        await page.get_by_role("button", name="Editar", exact=True).last.click()
        await page.keyboard.type(" Mejor arriba.")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("¿Por qué aquí? Mejor arriba.")).to_be_visible()
        await page.get_by_role("button", name="Pedir cambios").click()
        await page.get_by_role("dialog").get_by_role("button", name="Pedir cambios").click()
        await expect(page.get_by_text("2 comentarios")).to_have_count(0)

    async with demo_agent(server.url, (tmp_path / "agent.key").read_text()) as agent:
        given = await agent.call("get_next_task", waitSeconds=20)
    assert [(each["path"], each["line"], each["body"]) for each in given["reviewComments"]] == [
        (path, 999, "Más abajo"),
        (path, third, "¿Por qué aquí? Mejor arriba."),
    ]
    assert bob.troubles == []
