"""People at the page: Debian's Chromium, and what it had to complain about."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response, async_playwright

from tests.support.programs import need_program

SHOTS = Path(__file__).parents[2] / "test-results" / "page"

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_DESK = (1440, 900)
_PHONE = (390, 844)
# A machine that runs other tests at the same time is slow to paint.
_PATIENCE_MS = 30_000
_TELL_VIOLATIONS = """
    document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
    });
"""

_CUT_OFF = """
    () => {
        const box = (element) => element.getBoundingClientRect();
        const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        const ways = [
            { end: 'right', edge: innerWidth + 1, all: 'scrollWidth', seen: 'clientWidth', overflow: 'overflowX' },
            { end: 'bottom', edge: innerHeight + 1, all: 'scrollHeight', seen: 'clientHeight', overflow: 'overflowY' },
        ];
        // For screen readers only, or within something that scrolls that way by itself.
        const excused = (element, way) =>
            box(element).width <= 1 ||
            (box(element)[way.end] <= way.edge &&
                element[way.all] > element[way.seen] &&
                ['auto', 'scroll'].includes(getComputedStyle(element)[way.overflow]));
        const reachable = (element, way) =>
            element !== null && (excused(element, way) || reachable(element.parentElement, way));
        return ways.flatMap((way) =>
            [...document.querySelectorAll('body *')]
                .filter((element) => hasText(element) && box(element)[way.end] > way.edge && !reachable(element, way))
                .map((element) => element.textContent.slice(0, 60)),
        );
    }
"""


class Visitor:
    """One person at one screen, with cookies of their own. `troubles`: errors that the browser noted."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context = context
        self.page = page
        self.troubles: list[str] = []
        self._url = url
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.troubles.append(f"uncaught: {error}"))
        page.on("response", self._on_response)

    async def open(self, path: str) -> None:
        """Go to an address of the page."""
        await self.page.goto(path if path.startswith("http") else f"{self._url}{path}")

    async def sign_in(self, key: str) -> None:
        """With a key, as a person pastes it."""
        await self.open("/sign-in")
        await self.page.locator("input").fill(key)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url("**/board")
        # Until then the browser has rightly noted that nobody was signed in.
        self.troubles.clear()

    async def shoot(self, name: str) -> None:
        """A picture for people to look at."""
        (SHOTS / name).parent.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")

    async def follow(self, link: Locator) -> Page:
        """Click a link that opens a page of its own."""
        async with self.context.expect_page() as opened:
            await link.click()
        page = await opened.value
        await page.wait_for_load_state()
        return page

    async def cut_off(self) -> list[str]:
        """Texts that reach beyond the screen's right or lower edge with no way to scroll there."""
        return await self.page.evaluate(_CUT_OFF)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} from {response.url}")


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """Debian's Chromium, without a window; the test is skipped where it is missing."""
    program = need_program("chromium", package="chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS, timeout=120_000)
        try:
            yield browser
        finally:
            await browser.close()


async def visitor(
    browser: Browser, url: str, *, phone: bool = False, dark: bool = False, language: str = "en-GB"
) -> Visitor:
    """Somebody who has not been here before; their context ends with the browser."""
    width, height = _PHONE if phone else _DESK
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=phone,
        has_touch=phone,
        color_scheme="dark" if dark else "light",
        locale=language,
    )
    context.set_default_timeout(_PATIENCE_MS)
    await context.add_init_script(_TELL_VIOLATIONS)
    return Visitor(context, await context.new_page(), url)
