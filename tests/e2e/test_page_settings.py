"""Settings, agents and automation on the page: a real Chromium and the real server."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from aiworker.cli.demo.agent import demo_agent
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.projects import NewProject, ProjectChanges
from aiworker.wire.tasks import NewTask
from tests.support.browser import visitor
from tests.support.story import KEY, TASK, api_of

pytestmark = pytest.mark.browser


async def test_settings_are_changed_undone_and_never_silently_overwritten(server: DemoServer, browser: Browser) -> None:
    ada = await visitor(browser, server.url)
    page = ada.page
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY, env_vars={"TOKEN": "secret-value"}))
        await ada.sign_in(server.admin_key)
        await ada.open("/settings")
        await page.get_by_role("link", name="Shop SHOP").click()

        await page.get_by_label("Test", exact=True).fill("make test")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status").filter(has_text="Shop is saved")).to_be_visible()
        assert api.get("projects", KEY)["testCommand"] == "make test"
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_label("Test", exact=True)).to_have_value("")

        await page.get_by_label("Name", exact=True).first.fill("My shop")
        api.patch("projects", KEY, body=ProjectChanges(name="Their shop"))
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this meanwhile: Name")
        await ada.shoot("settings-collide")
        await page.get_by_role("button", name="Save mine over it").click()
        await expect(page.get_by_role("heading", name="My shop")).to_be_visible()

        await page.get_by_role("form", name="Add a variable").get_by_label("Name").fill("MODE")
        await page.get_by_role("form", name="Add a variable").get_by_label("Value").fill("quick")
        await page.get_by_role("button", name="Set", exact=True).click()
        await page.get_by_role("button", name="Remove TOKEN").click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("button", name="Remove MODE")).to_be_visible()
        await expect(page.get_by_role("button", name="Remove TOKEN")).to_have_count(0)
        assert api.get("projects", KEY)["envVars"] == ["MODE"]
        assert "secret-value" not in await page.content()

        await page.get_by_role("button", name="Pause").click()
        await expect(page.get_by_text("Paused", exact=True)).to_be_visible()
        assert api.get("projects", KEY)["status"] == "paused"
        # The refusal that another person's change brings is noted by the browser; nothing else may be.
        assert all("409" in trouble for trouble in ada.troubles), ada.troubles


@pytest.mark.soak
async def test_a_key_is_shown_once_works_and_is_revoked(server: DemoServer, browser: Browser) -> None:
    ada, ben = await visitor(browser, server.url), await visitor(browser, server.url)
    page = ada.page
    await ada.sign_in(server.admin_key)
    await ada.open("/settings/keys")
    await page.get_by_role("button", name="New key").click()
    await page.get_by_label("Name", exact=True).fill("ben")
    await page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog", name="Here is ben").locator("code")
    await expect(shown).to_contain_text("aiw_")
    key = await shown.inner_text()
    await page.get_by_role("button", name="I have copied it").click()
    await ben.sign_in(key)
    await ben.open("/settings/keys")
    await expect(ben.page.get_by_role("heading", name="Keys are for admins")).to_be_visible()

    await page.get_by_role("button", name="Revoke ben").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    await expect(page.get_by_role("button", name="Revoke ben")).to_have_count(0)
    assert key not in await page.content()
    await ben.page.wait_for_url("**/sign-in?next=**")
    assert ada.troubles == []


async def test_an_agent_and_its_robot_are_followed_live(server: DemoServer, browser: Browser) -> None:
    ada = await visitor(browser, server.url)
    page = ada.page
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY))
        api.post("tasks", body=NewTask(project_id=KEY, title="Show prices with tax"))
        key = api.post("keys", body=NewKey(name="claude", scope=Scope.AGENT))["key"]
    await ada.sign_in(server.admin_key)
    await ada.open("/automation/robots?type=task.work")
    row = page.get_by_role("list", name="Robots").get_by_role("listitem")
    await expect(row).to_contain_text("waiting")
    async with demo_agent(server.url, key) as agent:
        attempt = (await agent.call("get_next_task", waitSeconds=20))["attempt"]
        await expect(row).to_contain_text("under way")
        await row.get_by_role("link").click()
        await expect(page.get_by_role("heading", name="Executions")).to_be_visible()
        await expect(page.get_by_role("heading", name="Why here?")).to_be_visible()
        await ada.shoot("automation-robot")

        await ada.open("/agents/claude")
        await expect(page.get_by_role("main")).to_contain_text(TASK)
        await agent.call("log", attempt=attempt, message="reading the cart")
        await expect(page.get_by_role("log")).to_contain_text("reading the cart")
        await ada.shoot("agent-log")
        await page.get_by_role("button", name="Stop the attempt").click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Stop the attempt").click()
        await expect(page.get_by_role("main")).to_contain_text("nothing")
    assert ada.troubles == []


async def test_what_is_refused_is_told_at_its_field_and_not_behind_a_window(
    server: DemoServer, browser: Browser, tmp_path: Path
) -> None:
    bob = await visitor(browser, server.url, phone=True, language="es-ES")
    page = bob.page
    await bob.sign_in(server.admin_key)
    await page.get_by_role("button", name="Proyecto nuevo").click()
    form = page.get_by_role("dialog", name="Proyecto nuevo")
    await form.get_by_label("Nombre", exact=True).fill("Shop")
    repository = form.get_by_label("Repositorio")
    await repository.fill(str(tmp_path / "nowhere"))
    await form.get_by_role("button", name="Crear proyecto").click()
    await expect(repository).to_have_accessible_description(re.compile("No hay ninguna carpeta .*nowhere"))
    await expect(form.get_by_role("button", name="Crear proyecto")).to_be_focused()

    # What is about no field is told above the window.
    await bob.context.set_offline(True)
    await form.get_by_role("button", name="Crear proyecto").click()
    await page.get_by_text("El servidor no responde.").click(trial=True)
    await bob.context.set_offline(False)
    await repository.fill("")
    await form.get_by_role("button", name="Crear proyecto").click()
    await expect(form).to_have_count(0)

    await bob.open("/settings/projects?project=SHOP")
    branch = page.get_by_label("Rama principal", exact=True)
    await branch.fill("a..b")
    await branch.press("Enter")
    await expect(branch).to_have_accessible_description("git no admite «a..b» como nombre de una rama.")
    await expect(branch).to_be_focused()


async def test_what_could_not_be_run_is_refused_at_its_field_in_the_readers_words(
    server: DemoServer, browser: Browser
) -> None:
    bob = await visitor(browser, server.url, language="es-ES")
    page = bob.page
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY))
        before = api.get("projects", KEY)
        await bob.sign_in(server.admin_key)
        await bob.open("/settings/projects?project=SHOP")
        for label, value, words in (
            ("Arrancar", "npm ci && npm start", "necesita un shell, y los comandos se ejecutan sin él"),
            ("Carpeta de archivos estáticos", "../../etc", "debe ser una carpeta del repositorio, como public"),
            ("Imagen", "--privileged", "debe ser el nombre de una imagen"),
            ("Herramientas sin preguntar", "--dangerously-skip-permissions", "no una opción de un comando"),
        ):
            field = page.get_by_label(label, exact=True)
            await field.fill(value)
            await page.get_by_role("button", name="Guardar").click()
            await expect(field).to_have_accessible_description(re.compile(words))
            await expect(field).to_be_focused()
            await page.get_by_role("button", name="Descartar").click()
        form = page.get_by_role("form", name="Añadir una variable")
        await form.get_by_label("Nombre").fill("PORT")
        await form.get_by_label("Valor").fill("http")
        await form.get_by_role("button").click()
        await expect(form.get_by_role("alert")).to_contain_text("no es un puerto del 1 al 65535")
        await bob.shoot("settings-refused")
        assert api.get("projects", KEY) == before
