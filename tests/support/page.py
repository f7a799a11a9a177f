"""What is on the page, by the names that people read: for tests that use it as they do."""

from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# Colours that are just changing are nobody's choice: what changes is at its end, but for what goes on for ever.
_RUN_AXE = """
    async (runOnly) => {
        for (const change of document.getAnimations())
            if (Number.isFinite(change.effect.getComputedTiming().endTime)) change.finish();
        const {violations} = await axe.run(document, {resultTypes: ['violations'], runOnly});
        return violations.map(({id, nodes}) => [id, nodes.map(({target}) => `${target}`)]);
    }
"""


def column(page: Page, state: str) -> Locator:
    """One state of the board."""
    return page.get_by_role("region", name=state, exact=True)


def card(page: Page, state: str, title: str) -> Locator:
    """A task in one state of the board."""
    return column(page, state).get_by_role("listitem").filter(has=page.get_by_role("button", name=title, exact=True))


def indicator(page: Page) -> Locator:
    """Whether the page is live."""
    return page.get_by_role("banner").get_by_role("status")


async def confirm(page: Page, title: str, action: str) -> None:
    """Say yes to a question of the page."""
    asked = page.get_by_role("alertdialog", name=title)
    await asked.get_by_role("button", name=action, exact=True).click()
    await asked.wait_for(state="detached")


async def violations(page: Page, *rules: str) -> list[Any]:
    """What axe finds against WCAG 2.2 AA on what is shown; with `rules`, against those only."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE.read_text())
    return await page.evaluate(_RUN_AXE, list(rules or _WCAG))
