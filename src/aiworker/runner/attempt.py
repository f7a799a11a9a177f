"""One attempt at a task, from the claim to its end: clone, set up, run the program, judge what came of it, tell."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from aiworker.core.errors import AiWorkerError, Conflict, Limited, Unavailable
from aiworker.core.logging import get_logger, log_context, without_secrets
from aiworker.runner.desk import OVER, Desk
from aiworker.runner.drivers.driver import Driver, Ending, Result, Session, Turn, Usage, line, plain
from aiworker.runner.folders import AttemptFolder, Kept, KeptSession, Verdict
from aiworker.runner.prompt import first_prompt, hand_in_prompt, resume_prompt
from aiworker.runner.spool import Spool
from aiworker.runner.workspace import SetupFailed, Workspace
from aiworker.wire.agents import LogLevel
from aiworker.wire.engine import ErrorCategory
from aiworker.wire.work import UsageReport

T = TypeVar("T")

_LONGEST_REST_SECONDS = 30 * 60.0
_FIRST_REST_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_MOST_DENIALS = 100

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where attempts are worked at: the server's address, the agent's name, the mirrors of repositories.

    `watch`: seconds between two looks at whether an attempt is still wanted. `gather`: seconds for which lines of the
    log are gathered.
    """

    url: str
    name: str
    mirrors: Path
    watch: float
    gather: float


class Attempt:
    """Works at one task, until it is over or parked, as far as this runner can do anything about it."""

    def __init__(self, desk: Desk, driver: Driver, place: Place, folder: AttemptFolder, kept: Kept) -> None:
        self._desk = desk
        self._driver = driver
        self._place = place
        self._folder = folder
        self._kept = kept
        self._spool = Spool(folder.log, kept.token, desk, lambda: self._kept.attempt, gather=place.gather)
        self._workspace = Workspace(folder, kept.project, kept.branch or "", mirrors=place.mirrors, server=place.url)
        self._next_rest = _FIRST_REST_SECONDS
        self._reminded = False
        # How long this agent should take no work, in seconds: the model's service wants a long rest.
        self.rest = 0.0

    async def run(self) -> None:
        """Work, while watching whether the attempt is still wanted. Cancelled: every process of it is ended."""
        with log_context(task_id=self._kept.task.id, task=self._kept.task.key):
            _log.info("attempt_began", number=self._kept.work.attempt_number)
            sending = asyncio.create_task(self._spool.send())
            try:
                await self._while_wanted()
            finally:
                sending.cancel()
                self._spool.close()
            _log.info("attempt_parked" if self._kept.parked else "attempt_ended")

    async def give_back(self, reason: str) -> None:
        """The runner stops: the task goes back to the backlog, with what was committed on its branch.

        What was decided before stays decided, and is told by the next runner if this one has no time left.
        """
        if self._kept.verdict is None:
            self._keep(verdict=Verdict(kind="release", words=reason))
        await self._carried_out()

    # --- the work ---

    async def _while_wanted(self) -> None:
        working = asyncio.create_task(self._work())
        watching = asyncio.create_task(self._unwanted())
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (working, watching):
                task.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)
        if working.cancelled():
            _log.info("attempt_over", reason=watching.result())
            self._folder.remove()
        else:
            working.result()

    async def _unwanted(self) -> str:
        """Returns once the attempt is over, with why."""
        while True:
            await asyncio.sleep(self._place.watch)
            try:
                standing = await self._desk.standing(self._kept.attempt)
            except AiWorkerError:
                continue
            if standing.standing == "over":
                return standing.message or "it is over"

    async def _work(self) -> None:
        try:
            if self._kept.verdict is None:
                self._keep(verdict=await self._verdict())
            if not self._kept.parked:
                await self._carried_out()
        except AiWorkerError as error:
            if error.code not in OVER:
                raise
            _log.info("attempt_over", reason=error.message)
            self._folder.remove()

    async def _verdict(self) -> Verdict | None:
        """What the runner has to tell at the end; None if the program has handed in or given back by itself."""
        try:
            prompt: str | Verdict = await self._prepared()
            while isinstance(prompt, str):
                result = await self._turn(prompt)
                await _patiently(self._report)
                standing = await _patiently(lambda: self._desk.standing(self._kept.attempt))
                if standing.standing in {"waiting", "parked"}:
                    standing = await _patiently(lambda: self._desk.park(self._kept.attempt))
                    if standing.standing == "parked":
                        self._keep(parked=True)
                        return None
                    prompt = await self._answered()
                elif standing.standing == "working":
                    prompt = await self._after(result)
                else:
                    return None
        except SetupFailed as error:
            return Verdict(kind="fail", words=error.message)
        except Unavailable as error:
            return Verdict(kind="release", words=error.message)
        return prompt

    async def _prepared(self) -> str:
        """A workspace with a key in it, and what to tell the program."""
        key = await _patiently(lambda: self._desk.key(self._kept.attempt))
        origin = self._workspace.credential(key)
        if self._kept.ready and self._workspace.path.is_dir():
            answered = self._kept.parked
            self._keep(key=key, parked=False)
            if self._kept.session is not None:
                return resume_prompt(self._kept.work, answered=answered)
            return first_prompt(self._kept.work, self._kept.branch or "")
        made = await _patiently(lambda: self._desk.branch(self._kept.attempt))
        self._keep(key=key, parked=False, session=None, branch=made.branch)
        self._workspace = Workspace(
            self._folder, self._kept.project, made.branch, mirrors=self._place.mirrors, server=self._place.url
        )
        began = time.monotonic()
        await self._workspace.make(origin, name=self._place.name)
        self._say(f"Cloned {made.branch} in {time.monotonic() - began:.2f} s.", LogLevel.DEBUG)
        await self._workspace.set_up(self._spool.tell, self._kept.token)
        self._keep(ready=True)
        return first_prompt(self._kept.work, made.branch)

    async def _turn(self, prompt: str) -> Result:
        kept = self._kept
        session = kept.session
        turn = Turn(
            task=kept.work,
            branch=kept.branch or "",
            workspace=self._workspace.path,
            private=self._folder.path,
            token=kept.token,
            url=self._place.url,
            key=kept.key,
            prompt=prompt,
            allow=kept.project.agent_allow,
            session=Session(session.id, session.cost_usd) if session else None,
            budget_usd=kept.budget,
            began=lambda begun: self._keep(session=KeptSession(id=begun.id, cost_usd=begun.cost_usd)),
        )
        _log.info("turn_began", resumed=session is not None)
        result = await self._driver.run(turn, self._spool.tell)
        _log.info("turn_ended", ending=result.ending.value)
        after = KeptSession(id=result.session.id, cost_usd=result.session.cost_usd) if result.session else session
        self._keep(session=after, **_accounted(kept, result))
        self._say(result.words if result.ending is not Ending.DONE else "", LogLevel.ERROR)
        return result

    async def _answered(self) -> str:
        """The answer came while the program was leaving."""
        work = await _patiently(
            lambda: self._desk.next_task(project=None, capabilities=(), wait_seconds=0, resume=True)
        )
        self._keep(work=work, budget=work.limits.cost_usd if work.limits else None)
        return resume_prompt(work, answered=True)

    async def _after(self, result: Result) -> str | Verdict:
        """The program has ended and the task is still in hand: another word with it, or the end."""
        words = result.words
        match result.ending:
            case Ending.UNREACHABLE:
                return Verdict(kind="release", words=words)
            case Ending.LIMITED:
                return await self._rested(result)
            case Ending.SPENT:
                words = f"Its budget is used up. {words}"
                return Verdict(kind="fail", words=words, category=ErrorCategory.BUSINESS)
            case Ending.FAILED:
                return Verdict(kind="fail", words=words, category=ErrorCategory.EXTERNAL_API)
            case Ending.DONE:
                return await self._stopped_short(words)

    async def _stopped_short(self, words: str) -> str | Verdict:
        """It says that it is done, but has not handed in: it is reminded once, then its commits speak for it."""
        if self._driver.resumes and not self._reminded:
            self._reminded = True
            return hand_in_prompt(self._kept.work, self._kept.branch or "")
        if await self._workspace.push():
            return Verdict(kind="hand_in", words=words)
        return Verdict(kind="fail", words=f"It ended without committing anything. {words}")

    async def _rested(self, result: Result) -> str | Verdict:
        seconds = self._next_rest if result.retry_after is None else result.retry_after + 1
        self._next_rest *= 2
        if seconds > _LONGEST_REST_SECONDS:
            self.rest = seconds
            return Verdict(kind="release", words=f"The model's service wants a rest of {seconds / 60:.0f} minutes.")
        self._say(f"The model's service wants a rest; going on in {seconds:.0f} s.", LogLevel.WARN)
        await asyncio.sleep(seconds)
        return resume_prompt(self._kept.work, answered=False)

    # --- the end ---

    async def _carried_out(self) -> None:
        """Tell the server, until it has heard; then nothing is left of the attempt here."""
        verdict = self._kept.verdict
        first = verdict is not None and verdict.kind == "hand_in"
        if first:
            # People wait for this; the rest of the log may follow.
            await _patiently(self._tell)
        await _patiently(self._report)
        await _patiently(self._spool.flush)
        if verdict is not None and not first:
            if self._workspace.path.is_dir():
                # What was committed is worth keeping, whatever becomes of the attempt.
                await self._workspace.push()
            await _patiently(self._tell)
        self._folder.remove()

    async def _report(self) -> None:
        """What was used and denied: told once, and told again if that is not known to have been heard."""
        if not self._kept.reported:
            try:
                await self._desk.usage(self._kept.attempt, self._kept.usage)
            except Conflict as error:
                if error.code in OVER:
                    raise
                _log.warning("usage_refused", code=error.code, reason=error.message)
            heard = self._kept.usage.model_copy(update={"permission_denials": []})
            self._keep(usage=heard, reported=True)

    async def _tell(self) -> None:
        attempt, verdict = self._kept.attempt, self._kept.verdict
        if verdict is None:
            return
        words = plain(without_secrets(verdict.words)) or "It said nothing."
        match verdict.kind:
            case "hand_in":
                try:
                    await self._desk.hand_in(attempt, words)
                except Conflict as error:
                    if error.code in OVER:
                        raise
                    await self._desk.fail(attempt, error.message, ErrorCategory.APPLICATION)
            case "fail":
                await self._desk.fail(attempt, words, verdict.category)
            case "release":
                await self._desk.release(attempt, words)

    def _keep(self, **changes: object) -> None:
        self._kept = self._kept.model_copy(update=changes)
        self._folder.save(self._kept)

    def _say(self, words: str, level: LogLevel) -> None:
        if (told := line(words, level)) is not None:
            self._spool.tell(told)


def _accounted(kept: Kept, result: Result) -> dict[str, Any]:
    """What is kept of what a turn has used, and of what it was denied."""
    before, cost = kept.usage, result.usage.cost_usd
    used = Usage(before.tokens_in, before.tokens_out, before.cost_usd) + result.usage
    usage = UsageReport(
        tokens_in=used.tokens_in,
        tokens_out=used.tokens_out,
        cost_usd=used.cost_usd,
        permission_denials=[*before.permission_denials, *result.denials][-_MOST_DENIALS:],
    )
    budget = kept.budget if kept.budget is None or cost is None else max(0.0, kept.budget - cost)
    return {"usage": usage, "reported": False, "budget": budget}


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Ask until the server answers."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await call()
        except (Unavailable, Limited) as error:
            _log.info("server_awaited", reason=error.message)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
