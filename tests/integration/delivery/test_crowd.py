"""Agents and people at the same board at once, on real connections: no task is in two hands, none gets lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from functools import partial

from aiworker.core.errors import Conflict
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.queries import list_tasks, timeline
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.tasks import TaskPriority, TaskState
from tests.support.waiting import eventually
from tests.support.workshop import ADA, Hand, Workshop, commit

AGENTS = 6
TASKS = 12
WIP_LIMIT = 4
CANCELLED = 4
AT_WORK = (TaskState.IN_PROGRESS, TaskState.NEEDS_INPUT)
# What an agent or a person is told when somebody else was quicker.
LATE = {"attempt_over", "attempt_unknown", "lease_lost", "illegal_move", "question_pending"}


class Board:
    def __init__(self, shop: Workshop, project: ProjectRecord, dice: random.Random) -> None:
        self.shop = shop
        self.project = project
        self.dice = dice
        self.tasks: list[TaskRecord] = []
        self.in_hand: Counter[str] = Counter()
        self.cancels = CANCELLED

    async def everybody(self) -> None:
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            group.create_task(self.author())
            group.create_task(self.reviewer())
            group.create_task(self.clock())
            for number in range(AGENTS):
                group.create_task(self.agent(f"agent-{number}"))

    async def author(self) -> None:
        for number in range(TASKS):
            others = [self.dice.choice(self.tasks).task_key] if number % 4 == 3 else []
            priority = self.dice.choice(list(TaskPriority))
            self.tasks.append(
                await self.shop.task(self.project, f"Task {number}", priority=priority, depends_on=others)
            )

    async def agent(self, name: str) -> None:
        while not await self.all_is_over():
            hand = await self.shop.claim(name)
            if hand is None:
                await asyncio.sleep(0.005)
                continue
            self.in_hand[hand.task_id] += 1
            assert self.in_hand[hand.task_id] == 1, "a task is in two hands"
            await self.work(hand)

    async def work(self, hand: Hand) -> None:
        what = self.dice.choice(["hand_in", "hand_in", "hand_in", "ask", "fail", "give_back"])
        if what == "ask":
            await self.unless_late(self.shop.ask(hand))
            await eventually(partial(self.is_answered, hand))
            what = "hand_in"
        # The next agent may have it before this one hears that its call was done.
        self.in_hand[hand.task_id] -= 1
        match what:
            case "fail":
                await self.unless_late(self.shop.fail(hand))
            case "give_back":
                await self.unless_late(self.shop.give_back(hand))
            case _:
                await self.unless_late(self.shop.hand_in(hand))

    async def is_answered(self, hand: Hand) -> bool:
        return (await self.shop.look(hand.task_id)).state is not TaskState.NEEDS_INPUT

    async def reviewer(self) -> None:
        while not await self.all_is_over():
            await self.nobody_passed_the_limit()
            for task in await self.look():
                match task.state:
                    case TaskState.NEEDS_INPUT:
                        await self.unless_late(self.shop.respond(task, response="The general one."))
                    case TaskState.READY_TO_TEST if self.dice.random() < 0.2:
                        await self.unless_late(self.shop.request_changes(task))
                    case TaskState.READY_TO_TEST:
                        await self.unless_late(self.shop.approve(task, at=commit(1)))
                    case TaskState.BACKLOG if task.held is not None and "failed" in task.held:
                        await self.unless_late(self.shop.write(self.shop.delivery.tasks.retry, ADA, task.id))
                    case TaskState.BACKLOG | TaskState.IN_PROGRESS if self.cancels and self.dice.random() < 0.05:
                        self.cancels -= 1
                        await self.unless_late(self.shop.write(self.shop.delivery.tasks.cancel, ADA, task.id, None))
                    case TaskState.CANCELLED if not self.in_hand[task.id]:
                        await self.shop.write(self.shop.delivery.tasks.reopen, ADA, task.id)
                    case _:
                        pass
            await asyncio.sleep(0.002)

    async def clock(self) -> None:
        while not await self.all_is_over():
            await self.shop.tick_after(0.5)
            await asyncio.sleep(0.005)

    async def unless_late(self, call: Awaitable[object]) -> None:
        try:
            await call
        except Conflict as refused:
            if refused.code not in LATE:
                raise

    async def nobody_passed_the_limit(self) -> None:
        at_work = await self.shop.read(list_tasks, project_id=self.project.id, states=AT_WORK)
        assert len(at_work) <= WIP_LIMIT

    async def look(self) -> list[TaskRecord]:
        return [await self.shop.look(task) for task in self.tasks]

    async def all_is_over(self) -> bool:
        return len(self.tasks) == TASKS and all(task.state is TaskState.APPROVED for task in await self.look())


async def test_a_crowd_of_agents_and_people_brings_every_task_through_review(shop: Workshop) -> None:
    project = await shop.project(wip_limit=WIP_LIMIT)
    board = Board(shop, project, random.Random(1))
    await board.everybody()
    for task in await board.look():
        assert not board.in_hand[task.id]
        history = await shop.read(timeline, task.id)
        moves = [(line.from_state, line.to_state) for line in history if line.to_state is not None]
        assert moves[-1] == (TaskState.READY_TO_TEST, TaskState.APPROVED)
        assert [after for _, after in moves[:-1]] == [before for before, _ in moves[1:]], "no move was lost"
