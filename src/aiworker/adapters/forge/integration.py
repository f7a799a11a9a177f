"""Laying tasks on a branch and taking them back, all or nothing."""

from collections.abc import Sequence

from aiworker.adapters.forge.base import Part, all_named, all_named_with_tree, asked_for, check_text
from aiworker.core.errors import Invalid
from aiworker.delivery.ports.forge import ByHand, Clash, Conflicted, DoneByHand, Integration, Laid, Pick
from aiworker.git import Git, GitFailed, foresight, history, names, picks, refs, runs
from aiworker.git.picks import DoesNotGoIn
from aiworker.git.refs import RefMove

_MAX_PICKS = 200
_MAX_SUBJECT = 100


class Integrations(Part):
    """The part of `Forge` that ships and rolls back."""

    async def by_hand(self, name: str, branch: str, *, without: Sequence[str]) -> DoneByHand:
        """What people committed to a branch that none of `without` holds."""
        others = [names.check_commit(commit) for commit in without]
        git = await self.store.look(name, branch, *others)
        try:
            found = await runs.by_people(git, asked_for(branch), without=others)
        except GitFailed:
            await all_named(git, branch, *others)
            raise
        if found is None:
            return DoneByHand(None)
        head, done = found
        return DoneByHand(
            head,
            tuple(
                ByHand(
                    since=run.since,
                    until=run.until.sha,
                    count=run.count,
                    author=run.until.author_name,
                    subject=run.until.subject[:_MAX_SUBJECT],
                    mixed=run.mixed,
                )
                for run in done
            ),
        )

    async def integrate(
        self, name: str, *, branch: str, onto: str, picks: Sequence[Pick], by_hand: Sequence[ByHand] = ()
    ) -> Integration:
        """Lay the picks on commit `onto`, each as one commit with one parent, and point `branch` at the result."""
        _check_count("tasks", picks)
        for pick in picks:
            check_text("message of a commit", pick.message)
        heads = _heads(picks, by_hand)
        async with self.store.exclusive(name, names.check_commit(onto), *heads) as git:
            await _check_scratch(git, branch)
            await all_named(git, onto, *heads)
            laid = await _lay_runs(git, onto, by_hand)
            start = next((one.commit for one in reversed(laid) if one.commit), onto)
            made = await _lay_all(git, start, picks)
            head = made[-1] if made else start
            await self._point(name, git, branch, head)
            return Integration(head, tuple(made), tuple(laid))

    async def foresee(
        self, name: str, *, onto: str, picks: Sequence[Pick], by_hand: Sequence[ByHand] = ()
    ) -> list[Clash]:
        """What `integrate` would find, for all picks; nothing is made and nothing moves."""
        _check_count("tasks", picks)
        heads = _heads(picks, by_hand)
        fitting = [run for run in by_hand if not run.mixed]
        await self.store.look(name, names.check_commit(onto), *heads)
        async with self.store.writing(name) as git:
            tree, _ = await all_named_with_tree(git, onto, *heads)
            changes = [foresight.Change(pick.commit, pick.carried) for pick in picks]
            found = await foresight.clashes(
                git,
                foresight.Base(onto, tree),
                changes,
                runs=[(run.since, run.until) for run in fitting],
                beside=self.store.own(name),
            )
        return [
            *(Clash(fitting[place].until, None, files) for place, files in found.left_out.items()),
            *(
                Clash(
                    label=picks[one.change].label,
                    beside=None if one.beside is None else picks[one.beside].label,
                    files=one.files,
                )
                for one in found.clashes
            ),
        ]

    async def revert(self, name: str, *, branch: str, onto: str, commits: Sequence[str], message: str) -> Integration:
        """One commit on `onto` that takes back `commits` (oldest first); `branch` points at it."""
        _check_count("commits", commits)
        check_text("message of a commit", message)
        needed = [names.check_commit(commit) for commit in (onto, *commits)]
        async with self.store.exclusive(name, *needed) as git:
            await _check_scratch(git, branch)
            await all_named(git, *needed)
            base, *taken = await history.show(git, [onto, *commits])
            try:
                made = await picks.take_back(git, base, taken, message=message)
            except DoesNotGoIn as conflict:
                subject = next(one.subject for one in taken if one.sha == conflict.details["commit"])
                raise Conflicted(f"Taking back “{subject[:_MAX_SUBJECT]}”", conflict.files) from conflict
            await self._point(name, git, branch, made.sha)
            return Integration(made.sha, (made.sha,))

    async def _point(self, name: str, git: Git, branch: str, head: str) -> None:
        ref = names.branch_ref(branch)
        there = await refs.commit_of(git, ref)
        if there != head:
            await self.move(name, git, branch, RefMove(ref, there, head))


async def _lay_runs(git: Git, onto: str, by_hand: Sequence[ByHand]) -> list[Laid]:
    """What fits goes in, the rest is left out: it is told, and stops nobody."""
    at, *lasts = await history.show(git, [onto, *(run.until for run in by_hand)])
    laid: list[Laid] = []
    for run, last in zip(by_hand, lasts, strict=True):
        if run.mixed:
            laid.append(Laid(None))
            continue
        try:
            at = await picks.lay_run(git, at, run.since, last, message=_message(run))
        except DoesNotGoIn as conflict:
            laid.append(Laid(None, conflict.files))
        else:
            laid.append(Laid(at.sha))
    return laid


def _message(run: ByHand) -> str:
    what = run.subject if run.count == 1 else f"{run.count} commits up to “{run.subject}”"
    return f"By hand: {what}\n\nBy-Hand: {run.since}..{run.until}\n"


def _heads(picks: Sequence[Pick], by_hand: Sequence[ByHand]) -> list[str]:
    of_picks = [commit for pick in picks for commit in (pick.commit, *pick.carried)]
    of_runs = [commit for run in by_hand for commit in (run.since, run.until)]
    return [names.check_commit(commit) for commit in (*of_picks, *of_runs)]


async def _lay_all(git: Git, onto: str, chosen: Sequence[Pick]) -> list[str]:
    at, *heads = await history.show(git, [onto, *(pick.commit for pick in chosen)])
    laid: list[str] = []
    before: list[str] = []
    for pick, head in zip(chosen, heads, strict=True):
        try:
            at = await picks.lay(
                git, at, head, message=pick.message, author=pick.author, carried=(*pick.carried, *before)
            )
        except DoesNotGoIn as conflict:
            raise Conflicted(pick.label, conflict.files) from conflict
        laid.append(at.sha)
        before.append(head.sha)
    return laid


async def _check_scratch(git: Git, branch: str) -> None:
    names.check_branch(branch)
    if branch == await refs.default_branch(git):
        raise Invalid(f"{branch} is the default branch, not one to try things on.", code="branch_not_scratch")


def _check_count(what: str, given: Sequence[object]) -> None:
    if len(given) > _MAX_PICKS:
        raise Invalid(f"At most {_MAX_PICKS} {what} go together.", code="too_many", details={"most": _MAX_PICKS})
