"""People: they answer questions, approve, ship and promote, by what they see on the board."""

import asyncio
import contextlib
from typing import Any

from tests.faults.rest import Refused, Rest

_LOOK_SECONDS = 0.3
_RELEASE = 12


class People:
    """Works through what waits for people, in every project, until cancelled."""

    def __init__(self, rest: Rest, projects: list[str]) -> None:
        self._rest = rest
        self._projects = projects
        # What was seen last, by project and state.
        self.states: dict[str, str] = {}
        self.failed_releases: list[str] = []
        self._seen_failures: set[str] = set()

    @property
    def advance(self) -> float:
        """How far all tasks have come, from 0 to 1."""
        worth = {"ready_to_test": 0.5, "approved": 0.6, "staging": 0.8, "production": 1.0}
        return sum(worth.get(state, 0.0) for state in self.states.values()) / max(1, len(self.states))

    @property
    def done(self) -> bool:
        return bool(self.states) and all(state == "production" for state in self.states.values())

    async def run(self) -> None:
        """Look and act, again and again."""
        await asyncio.gather(self._answer_forever(), *(self._lead_forever(project) for project in self._projects))

    async def _answer_forever(self) -> None:
        while True:
            for question in await self._rest.get("questions", limit=100):
                answer = {"questionId": question["id"], "response": "A short one."}
                with contextlib.suppress(Refused):
                    await self._rest.post(f"tasks/{question['taskId']}/respond", answer, once=False)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _lead_forever(self, project: str) -> None:
        while True:
            tasks = await self._rest.get("tasks", projectId=project, limit=500)
            self.states |= {task["key"]: task["state"] for task in tasks}
            for task in tasks:
                if task["state"] == "ready_to_test" and task["headCommit"]:
                    with contextlib.suppress(Refused):
                        approval = {"commit": task["headCommit"]}
                        await self._rest.post(f"tasks/{task['key']}/approve", approval, once=False)
            await self._ship(project, tasks)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _ship(self, project: str, tasks: list[dict[str, Any]]) -> None:
        groups = await self._rest.get("task-groups", projectId=project, limit=500)
        for group in groups:
            if group["status"] in {"failed", "rolled_back"} and group["id"] not in self._seen_failures:
                self._seen_failures.add(group["id"])
                self.failed_releases.append(f"{project} release {group['number']}: {group['error']}")
        if any(group["underWay"] for group in groups):
            return
        staged = [group for group in groups if group["status"] == "staging"]
        approved = [task["key"] for task in tasks if task["state"] == "approved"]
        unfinished = [task for task in tasks if task["state"] not in {"approved", "staging", "production"}]
        with contextlib.suppress(Refused):
            if staged:
                oldest = min(staged, key=lambda group: group["number"])
                await self._rest.post(f"task-groups/{oldest['id']}/promote", once=False)
            elif len(approved) >= _RELEASE or (approved and not unfinished):
                await self._rest.post("task-groups", {"taskIds": approved[:_RELEASE]}, once=False)
