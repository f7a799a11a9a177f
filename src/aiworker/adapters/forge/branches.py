"""Branches, tags, commits and diffs, without a work tree."""

from pathlib import Path

from aiworker.adapters.forge.base import Part, all_named, asked_for, check_text, name_taken, named, no_commit
from aiworker.core.errors import Conflict
from aiworker.delivery.ports.forge import BranchMoved, Commit, Comparison, Diff, FileDiff
from aiworker.git import diffs, history, names, objects, refs, transfer
from aiworker.git import export as git_export
from aiworker.git.history import CommitInfo
from aiworker.git.refs import RefMove, RefMoved

_MAX_COMMITS = 250


class Branches(Part):
    """The part of `Forge` about what is in a repository; fills `Sources` too."""

    async def head(self, name: str, branch: str) -> str | None:
        """The branch's commit; None if there is no such branch."""
        ref = names.branch_ref(branch)
        return await refs.commit_of(await self.store.look(name), ref)

    async def create_branch(self, name: str, branch: str, *, at: str) -> str:
        """Make the branch at a commit; if it is there, leave it. Its head."""
        ref = names.branch_ref(branch)
        async with self.store.exclusive(name, names.check_commit(at)) as git:
            there, commit = await refs.commits_of(git, (ref, at))
            if there is not None:
                return there
            if commit is None:
                raise no_commit(at)
            try:
                await self.store.move(name, git, [RefMove(ref, None, commit)])
            except RefMoved as error:
                # A push may have made it just now; else its name does not fit beside the others.
                pushed = await refs.commit_of(git, ref)
                if pushed is None:
                    raise name_taken("branch", branch) from error
                return pushed
            return commit

    async def move_branch(self, name: str, branch: str, *, to: str, expected: str | None) -> None:
        """Fast-forward the branch from `expected` (None: make it). Already at `to`: no error. Raises: BranchMoved."""
        ref = names.branch_ref(branch)
        async with self.store.exclusive(name, names.check_commit(to)) as git:
            there, commit = await refs.commits_of(git, (ref, to))
            if commit is None:
                raise no_commit(to)
            if there == commit:
                return
            if there != expected:
                raise BranchMoved(
                    f"{branch} is at {there or 'no commit'}, not at {expected or 'no commit'}.",
                    details={"branch": branch, "head": there},
                )
            if there is not None and not await history.is_ancestor(git, there, commit):
                raise BranchMoved(f"{branch} can only be moved forward, and {to} does not contain {there}.")
            await self.move(name, git, branch, RefMove(ref, there, commit))

    async def delete_branch(self, name: str, branch: str) -> None:
        """Remove the branch; already gone is no error."""
        ref = names.branch_ref(branch)
        async with self.store.exclusive(name) as git:
            if branch == await refs.default_branch(git):
                raise Conflict(f"{branch} is the default branch and stays.", code="default_branch")
            there = await refs.commit_of(git, ref)
            if there is not None:
                await self.move(name, git, branch, RefMove(ref, there, None))

    async def tag(self, name: str, tag: str, *, at: str, message: str) -> None:
        """Make an annotated tag. The same tag at the same commit: no error. Raises: Conflict if it is elsewhere."""
        ref = f"refs/tags/{names.check_tag(tag)}"
        text = check_text("message of a tag", message)
        async with self.store.exclusive(name, names.check_commit(at)) as git:
            there, commit = await refs.commits_of(git, (ref, at))
            if commit is None:
                raise no_commit(at)
            if there == commit:
                return
            if there is not None:
                raise Conflict(f"The tag {tag} is at another commit, {there}.", code="tag_exists")
            info = (await history.show(git, [commit]))[0]
            made = await objects.write_tag(git, tag, commit, text, objects.ours_at(info.committed))
            try:
                await self.store.move(name, git, [RefMove(ref, None, made)])
            except RefMoved as error:
                raise name_taken("tag", tag) from error

    async def get_commit(self, name: str, commit: str) -> Commit:
        """The commit, in full."""
        git = await self.store.look(name, commit)
        return shown((await history.show(git, [await named(git, commit)]))[0])

    async def is_ancestor(self, name: str, ancestor: str, descendant: str) -> bool:
        """Whether `descendant` contains `ancestor`; a commit contains itself."""
        git = await self.store.look(name, ancestor, descendant)
        found = await history.contains(git, asked_for(descendant), asked_for(ancestor))
        if found is None:
            # This says which one.
            return await history.is_ancestor(git, *await all_named(git, ancestor, descendant))
        return found

    async def compare(self, name: str, *, base: str, head: str) -> Comparison:
        """Compare two branches or commits."""
        git = await self.store.look(name, base, head)
        old, new = await all_named(git, base, head)
        shared = await history.merge_base(git, old, new)
        ahead, behind = await history.ahead_behind(git, base=old, head=new)
        commits = await history.lacking(git, base=old, head=new, limit=_MAX_COMMITS) if ahead else []
        return Comparison(shared, ahead, behind, tuple(shown(one) for one in commits))

    async def diff(self, name: str, *, base: str, head: str) -> Diff:
        """The changes of `head` since it left `base`."""
        git = await self.store.look(name, base, head)
        old, new = await all_named(git, base, head)
        start = await history.merge_base(git, old, new) or old
        found = await diffs.changes(git, start, new)
        files = tuple(
            FileDiff(
                path=file.path,
                old_path=file.old_path,
                status=file.status,
                additions=file.additions,
                deletions=file.deletions,
                binary=file.binary,
                truncated=file.truncated,
                patch=file.patch,
            )
            for file in found.files
        )
        return Diff(start, new, files, found.additions, found.deletions, found.truncated)

    async def tidy(self, name: str) -> None:
        """Pack what many small pushes left, if it has become much. Nothing is thrown away. May take minutes."""
        self.store.git(name)
        async with self.store.writing(name) as git:
            await transfer.tidy(git)

    async def export(self, name: str, commit: str, to: Path) -> None:
        """Write the files of a commit (no .git) into a new folder; all of them or none."""
        git = await self.store.look(name, names.check_commit(commit))
        await git_export.export(git, await named(git, commit), to)


def shown(info: CommitInfo) -> Commit:
    """A commit in the port's words."""
    return Commit(
        sha=info.sha,
        parents=info.parents,
        author=f"{info.author_name} <{info.author_mail}>",
        committed_at=info.committed_at,
        subject=info.subject,
        message=info.message,
    )
