"""Every screen, desk and phone, light and dark, English and Spanish: for people to look at, and what machines can tell.

Each page in the four looks goes to test-results/page/pages; `make soak` also takes a home that is lived in, one that is
empty and one that is more than full, in both languages, to test-results/page/screens.
"""

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, ViewportSize

from aiworker.cli.demo.server import DemoServer
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask
from tests.support.browser import Visitor, visitor
from tests.support.furniture import LONG_NAME, furnish, overfill
from tests.support.page import violations
from tests.support.screens import EMPTY, EVERYDAY, Screen, screens
from tests.support.story import KEY, api_of

pytestmark = pytest.mark.browser

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("en-GB", "es-ES")
# They are for a moment only.
SKELETONS = ".animate-breathe.bg-hover"


async def look(ada: Visitor, found: Iterable[Screen], prefix: str, *, axe: bool) -> list[str]:
    """A picture of each, and what is wrong with it."""
    wrong: list[str] = []
    for screen in found:
        await ada.open(screen.address)
        await ada.page.locator(screen.shows).first.wait_for()
        await ada.page.locator(SKELETONS).first.wait_for(state="detached")
        await ada.shoot(f"screens/{prefix}-{screen.name}")
        wrong += [f"{screen.name}: cut off: {text}" for text in await ada.cut_off()]
        if axe:
            wrong += [f"{screen.name}: {what}" for what in await violations(ada.page)]
    return wrong + ada.troubles


async def test_what_machines_can_tell_of_each_page_is_right_at_a_desk_and_on_a_phone(
    server: DemoServer, browser: Browser
) -> None:
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY))
        for number in range(3):
            api.post("tasks", body=NewTask(project_id=KEY, title=f"Task {number}", description="- **one**\n- `two`"))
        robot = Screen("robot", f"/automation/robots/{api.get('robots')[0]['robotId']}", "main h2")
    ada = await visitor(browser, server.url)
    sign_in = Screen("sign-in", "/sign-in", "form")
    await ada.open(sign_in.address)
    wrong = await every_look(ada, sign_in)
    await ada.sign_in(server.admin_key)
    for screen in (*EVERYDAY, robot):
        await ada.open(screen.address)
        wrong += await every_look(ada, screen)
    assert wrong == []


async def every_look(ada: Visitor, screen: Screen) -> list[str]:
    """Desk and phone, light and dark: a picture of each, and what is wrong with it."""
    wrong: list[str] = []
    for size, theme in product(("desk", "phone"), THEMES):
        await ada.page.set_viewport_size(SIZES[size])
        await ada.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await ada.page.locator(screen.shows).first.wait_for()
        await ada.page.locator(SKELETONS).first.wait_for(state="detached")
        await ada.shoot(f"pages/{screen.name}-{size}-{theme}")
        # Every colour and every place is looked at once.
        if (size, theme) in {("desk", "light"), ("phone", "dark")}:
            found = await violations(ada.page) + await ada.cut_off()
            wrong += [f"{screen.name}, {size}, {theme}: {what}" for what in found]
    await ada.page.set_viewport_size(SIZES["desk"])
    return wrong


@pytest.mark.soak
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_screens_of_a_home_that_is_lived_in(
    server: DemoServer, browser: Browser, tmp_path: Path, phone: bool
) -> None:
    found = screens(await furnish(server, tmp_path))
    wrong: list[str] = []
    for theme, language in product(THEMES, LANGUAGES):
        ada = await visitor(browser, server.url, phone=phone, dark=theme == "dark", language=language)
        await ada.sign_in(server.admin_key)
        prefix = f"{'phone' if phone else 'desk'}-{theme}-{language[:2]}"
        # What can be read is the same in every language.
        wrong += await look(ada, found, prefix, axe=language == "en-GB")
    assert wrong == []


@pytest.mark.soak
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
async def test_screens_of_a_home_that_is_empty(server: DemoServer, browser: Browser, phone: bool) -> None:
    wrong: list[str] = []
    for theme, language in zip(THEMES, LANGUAGES, strict=True):
        ada = await visitor(browser, server.url, phone=phone, dark=theme == "dark", language=language)
        await ada.sign_in(server.admin_key)
        prefix = f"empty-{'phone' if phone else 'desk'}-{theme}-{language[:2]}"
        wrong += await look(ada, EMPTY, prefix, axe=True)
    assert wrong == []


@pytest.mark.soak
async def test_screens_of_a_home_that_is_more_than_full(server: DemoServer, browser: Browser, tmp_path: Path) -> None:
    found = screens(await overfill(server, tmp_path), agent=LONG_NAME)
    wrong: list[str] = []
    for phone, theme, language in ((False, "light", "en-GB"), (True, "dark", "es-ES")):
        ada = await visitor(browser, server.url, phone=phone, dark=theme == "dark", language=language)
        await ada.sign_in(server.admin_key)
        wrong += await look(ada, found, f"full-{'phone' if phone else 'desk'}-{theme}-{language[:2]}", axe=False)
    assert wrong == []
