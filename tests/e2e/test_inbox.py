"""The inbox: what is decided there can be taken back, and what newly waits is told."""

import pytest
from playwright.async_api import Browser, expect

from aiworker.cli.demo.agent import demo_agent
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask
from tests.support.browser import visitor
from tests.support.page import indicator
from tests.support.story import KEY, TASK, api_of

pytestmark = pytest.mark.browser

_HEAR_NOTIFICATIONS = """
    window.told = [];
    window.Notification = class { constructor(title, { body }) { window.told.push(`${title}: ${body}`); } };
    window.Notification.permission = 'granted';
    document.hasFocus = () => false;
    localStorage.setItem('aiworker.notifications', 'on');
"""


async def test_an_answer_is_taken_back_and_a_denied_tool_is_allowed(server: DemoServer, browser: Browser) -> None:
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY))
        api.post("tasks", body=NewTask(project_id=KEY, title="Show prices with tax"))
        key = api.post("keys", body=NewKey(name="claude", scope=Scope.AGENT))["key"]
        ada = await visitor(browser, server.url)
        page = ada.page
        await page.add_init_script(_HEAR_NOTIFICATIONS)
        await ada.sign_in(server.admin_key)
        await expect(indicator(page)).to_have_text("live")
        async with demo_agent(server.url, key) as agent:
            attempt = (await agent.call("get_next_task", waitSeconds=20))["attempt"]
            asked = await agent.call("ask_user_question", attempt=attempt, question="Which rate?")
            await expect(page).to_have_title("(1) Board · AiWorker")
            assert await page.evaluate("window.told") == [f"{TASK} has a question: Which rate?"]

            await page.get_by_role("navigation").get_by_role("link", name="Inbox").click()
            await page.get_by_label("Your answer").fill("21 %")
            await page.get_by_role("button", name="Send answer").click()
            await expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
            await expect(page).to_have_title("Inbox · AiWorker")
            await page.get_by_role("button", name="Undo").click()
            await expect(page.get_by_label("Your answer")).to_have_value("21 %")
            assert api.get("tasks", TASK)["state"] == "needs_input"
            await page.get_by_role("button", name="Send answer").click()
            heard = await agent.call("check_response", questionId=asked["questionId"], waitSeconds=20)
            assert heard["response"] == "21 %"

            denied = {"tool": "Bash", "input": {"command": "npm run lint"}}
            await agent.call("report_progress", attempt=attempt, usage={"permissionDenials": [denied]})
            await ada.open(f"/board?task={TASK}&tab=attempts")
            await page.get_by_role("button", name="Allow in this project").click()
            await expect(page.get_by_text("allowed by now")).to_be_visible()
            assert "Bash(npm run lint)" in api.get("projects", KEY)["agentAllow"]
    assert ada.troubles == []
