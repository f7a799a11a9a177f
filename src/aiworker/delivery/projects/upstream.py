"""The upstream of a project, the repository that it was made from: fetched before each attempt and each release, and
pushed to after production."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aiworker.core.clock import iso
from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.core.sayings import Saying, Sentence, as_kept
from aiworker.core.secrets import SecretBox
from aiworker.delivery.ports.forge import BranchMoved, Fetched, Forge, PushedUpstream, RefusedRef, Told
from aiworker.delivery.projects import queries
from aiworker.delivery.projects.errors import Diverged
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.shared_runs import SharedRuns
from aiworker.engine.service import Engine
from aiworker.git import addresses
from aiworker.storage.database import Database
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.projects import UpstreamStanding, UpstreamState
from aiworker.wire.telling import telling

_log = get_logger(__name__)

_ATTEMPT_SECONDS = 10.0
_RELEASE_SECONDS = 120.0
_NOTED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a fetch ended: where the branch stands, or why that is not known."""

    standing: UpstreamStanding
    message: Saying | None = None
    fetched: Fetched | None = None
    error: AiWorkerError | None = None


NO_REPOSITORY = Sentence(
    "no_repository_yet",
    "{project} has no repository here yet; import it: aiworker project sync {project} --repo PATH_OR_URL",
)
APART = Sentence(
    "upstream_apart",
    "{branch} has commits here that {upstream} lacks, and {upstream} has some that are not here, so nothing is"
    " shipped. Bring them together on {branch} there, then `aiworker project sync`.",
)
AHEAD = Sentence("upstream_ahead", "{branch} has commits here that {upstream} lacks.")
LATE = Sentence("upstream_late", "{upstream} did not answer within {seconds} s.")
NOT_FETCHED = Sentence("upstream_not_fetched", "Not fetched: {error}")
NOT_PUSHED = Sentence("upstream_not_pushed", "Not pushed: {error}")
REFUSED = Sentence("upstream_refused", "{upstream} did not take {refused}.")
# What a step says of it
GOES_ON_WITHOUT = Sentence("goes_on_without_upstream", "{problem} It goes on from what is here.")
NEW_HEAD = Sentence("upstream_new_head", "{branch} now at {commit:.7}")
NOTHING_NEW = Sentence("upstream_nothing_new", "nothing new")
NOT_AGREED = Sentence("upstream_push_not_agreed", "nothing is pushed there, as agreed; to have it: {command}")
PUSH_FAILED = Sentence("upstream_push_failed", "not pushed to {upstream}: {error}")
PUSHED = Sentence("upstream_pushed", "pushed {refs} to {upstream}")
PUSH_REFUSED = Sentence("upstream_push_refused", "{problem} Run: {command}")


def no_repository(project_key: str) -> Saying:
    """Why nothing of a project can be taken or shipped that came from an older database."""
    return NO_REPOSITORY(project=project_key)


def apart(upstream: str, branch: str) -> Saying:
    """Why a project cannot ship."""
    return APART(upstream=upstream, branch=branch)


def said_of(state: UpstreamState) -> Saying:
    """What was said of how the two stand."""
    return as_kept(state.message or "", None if state.told is None else state.told.model_dump())


class Upstreams:
    """Use cases around upstreams. A project without one has nothing to fetch and nothing to push."""

    def __init__(self, database: Database, engine: Engine, forge: Forge, secrets: SecretBox) -> None:
        self._database = database
        self._engine = engine
        self._forge = forge
        self._secrets = secrets
        self._runs = SharedRuns[Meeting]()

    async def close(self) -> None:
        """End the fetches that nobody waits for any more."""
        await self._runs.close()

    async def before_attempt(self, project: ProjectRecord, *, at: datetime | None = None) -> None:
        """Have the newest of the upstream here. What is wrong with it is noted, and the work goes on without.

        `at`: when the project was read just now, if it was; then what it says already is not noted again.
        """
        if project.upstream is None:
            return
        try:
            await self._meet(project, seconds=_ATTEMPT_SECONDS, at=at)
        except AiWorkerError as error:
            _log.warning("upstream_not_looked_at", project_id=project.id, error=error.message)

    async def before_release(self, project: ProjectRecord) -> Saying | None:
        """The same for a release: what to say of it; None without an upstream. Raises: Diverged."""
        if project.upstream is None:
            return None
        met = await self._meet(project, seconds=_RELEASE_SECONDS)
        if met.standing is UpstreamStanding.DIVERGED:
            raise self.diverged(project)
        if met.fetched is None:
            return GOES_ON_WITHOUT(problem=met.message)
        came = met.fetched.before != met.fetched.head
        return NEW_HEAD(branch=project.default_branch, commit=str(met.fetched.head)) if came else NOTHING_NEW()

    async def after_production(self, project: ProjectRecord, tags: Sequence[str]) -> Saying | None:
        """Push the default branch and tags if that was agreed; what to say of it. It may be refused: that is noted."""
        if project.upstream is None:
            return None
        if not project.push_upstream:
            return NOT_AGREED(command=self._command(project))
        refs = refs_of(project, tags)
        try:
            done = await self.push(project, refs)
        except AiWorkerError as error:
            await self.note(project, UpstreamStanding.AWAY, NOT_PUSHED(error=error.said))
            return PUSH_FAILED(upstream=project.upstream, error=error.said)
        if not done.refused:
            return PUSHED(refs=", ".join(map(short, refs)), upstream=project.upstream)
        return PUSH_REFUSED(problem=_refused(project, done.refused), command=self._command(project))

    # --- fetch ---

    async def _meet(self, project: ProjectRecord, *, seconds: float, at: datetime | None = None) -> Meeting:
        task = self._runs.join(project.id, lambda: self.fetch(project, at=at))
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        # The fetch goes on in the background, and will be there for the next attempt.
        message = LATE(upstream=project.upstream, seconds=round(seconds))
        await self.note(project, UpstreamStanding.AWAY, message)
        return Meeting(UpstreamStanding.AWAY, message)

    async def fetch(self, project: ProjectRecord, told: Told | None = None, *, at: datetime | None = None) -> Meeting:
        """Fetch now, and note how the two stand. `at`: as `before_attempt`."""
        met = await self.look(project, told)
        if at is None or met.standing is not UpstreamStanding.IN_STEP or not _in_step(project, at):
            await self.note(project, met.standing, met.message)
        return met

    async def look(self, project: ProjectRecord, told: Told | None) -> Meeting:
        """Fetch now, and note nothing."""
        try:
            fetched = await self._forge.fetch_upstream(
                project.repository, source=self._source(project), branch=project.default_branch, told=told
            )
        except BranchMoved:
            return Meeting(UpstreamStanding.DIVERGED, apart(str(project.upstream), project.default_branch))
        except AiWorkerError as error:
            if error.code == "repository_not_found":
                return Meeting(UpstreamStanding.NO_REPOSITORY, no_repository(project.key), error=error)
            return Meeting(UpstreamStanding.AWAY, NOT_FETCHED(error=error.said), error=error)
        if fetched.head == fetched.theirs:
            return Meeting(UpstreamStanding.IN_STEP, fetched=fetched)
        message = AHEAD(branch=project.default_branch, upstream=project.upstream)
        return Meeting(UpstreamStanding.AHEAD, message, fetched)

    # --- push ---

    async def push(self, project: ProjectRecord, refs: Sequence[str]) -> PushedUpstream:
        """Push refs, and note how it went. Raises: Unavailable, Invalid, NotFound."""
        done = await self._forge.push_upstream(project.repository, source=self._source(project), refs=refs)
        if done.refused:
            await self.note(project, UpstreamStanding.REFUSED, _refused(project, done.refused))
        else:
            await self.note(project, UpstreamStanding.IN_STEP, None)
        return done

    def columns(self, repo: str) -> dict[str, Any]:
        """What the database keeps of an address, the credential sealed. Raises: Invalid."""
        address = addresses.read(repo)
        sealed = None if address.credential is None else self._secrets.seal(address.credential)
        return {"upstream": address.url, "upstream_credential": sealed}

    # --- what is known of it ---

    async def note(
        self,
        project: ProjectRecord,
        standing: UpstreamStanding,
        message: Saying | None,
        *,
        remarks: Sequence[str] | None = None,
    ) -> None:
        """Write down how the two stand. What no clone brings along (`remarks`) stays as it was, unless given."""
        advice = {UpstreamStanding.AHEAD, UpstreamStanding.REFUSED, UpstreamStanding.DIVERGED}
        command = self._command(project) if standing in advice else None
        await self._database.write(self._write, project.id, standing, message, command, remarks)

    def _write(
        self,
        tx: Tx,
        project_id: str,
        standing: UpstreamStanding,
        message: Saying | None,
        command: str | None,
        remarks: Sequence[str] | None,
    ) -> None:
        project = queries.lock(tx, project_id)
        if project is None:
            return
        known = project.standing
        if known is not None and (known.standing, standing) == (UpstreamStanding.REFUSED, UpstreamStanding.AHEAD):
            # Still for the same reason, which says more.
            standing, message, command = known.standing, said_of(known), known.command
        now = UpstreamState(
            standing=standing,
            message=None if message is None else message.words,
            told=None if message is None else telling(message.told),
            command=command,
            remarks=list(remarks if remarks is not None else (known.remarks if known else ())),
            checked_at=tx.now,
        )
        if known is not None and now == known.model_copy(update={"checked_at": tx.now}):
            if tx.now - known.checked_at < _NOTED_EVERY:
                return
        else:
            tell(tx, project)
        queries.set_upstream(tx, project, {"upstream_state": now.model_dump(mode="json")})
        if project.lacks_repository != (standing is UpstreamStanding.NO_REPOSITORY):
            opened = replace(project, upstream_state=now.model_dump(mode="json")).hands_out
            self._engine.set_queue(tx, project.id, paused=not opened, max_running=project.wip_limit)

    def _source(self, project: ProjectRecord) -> str:
        sealed = project.upstream_credential
        credential = None if sealed is None else self._secrets.open(sealed)
        return addresses.read(str(project.upstream)).with_credential(credential)

    def _command(self, project: ProjectRecord) -> str:
        return self._forge.pull_command(project.repository, source=str(project.upstream), branch=project.default_branch)

    def diverged(self, project: ProjectRecord) -> Diverged:
        """The error that stops shipping."""
        return Diverged(apart(str(project.upstream), project.default_branch), command=self._command(project))


def _in_step(project: ProjectRecord, now: datetime) -> bool:
    """Whether it was noted lately that the two are in step."""
    known = project.standing
    in_step = known is not None and (known.standing, known.message) == (UpstreamStanding.IN_STEP, None)
    return known is not None and in_step and now - known.checked_at < _NOTED_EVERY


def state_at(moment: datetime, remarks: Sequence[str]) -> dict[str, Any]:
    """What is known of the upstream of a project that has just been made from it."""
    return {"standing": UpstreamStanding.IN_STEP.value, "remarks": list(remarks), "checked_at": iso(moment)}


def missing_at(moment: datetime, project_key: str) -> dict[str, Any]:
    """What is known of a project that came from an older database, without its repository."""
    said = no_repository(project_key)
    return {
        "standing": UpstreamStanding.NO_REPOSITORY.value,
        "message": said.words,
        "told": said.told,
        "checked_at": iso(moment),
    }


def tell(tx: Tx, project: ProjectRecord) -> None:
    """The page is told that a project has changed."""
    tx.emit(
        Event(feed=project.id, stream=f"project:{project.id}", kind="project:updated", data={"projectId": project.id})
    )


def refs_of(project: ProjectRecord, tags: Sequence[str]) -> list[str]:
    """The default branch and the tags, as refs."""
    return [f"refs/heads/{project.default_branch}", *(f"refs/tags/{tag}" for tag in tags)]


def short(ref: str) -> str:
    """A ref as people name it."""
    return ref.split("/", 2)[2]


def _refused(project: ProjectRecord, refused: Sequence[RefusedRef]) -> Saying:
    said = "; ".join(f"{short(one.ref)} ({one.reason})" for one in refused)
    return REFUSED(upstream=project.upstream, refused=said)
