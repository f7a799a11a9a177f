"""What follows from what people do in the fake Gitea: pull requests follow their branches, hooks hear of it."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from tests.support.checkouts import git, run_git
from tests.support.gitea.deliveries import Deliveries
from tests.support.gitea.shapes import Shapes
from tests.support.gitea.world import Entry, Hook, Judgement, Repository, Words, World, now

_NOTHING = "0" * 40


class Refused(Exception):
    """Gitea says no, with a status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Changes:
    """Does things in a world, and tells the hooks."""

    def __init__(self, world: World, shapes: Shapes, deliveries: Deliveries) -> None:
        self.world = world
        self.shapes = shapes
        self.deliveries = deliveries

    def pushed(self, repository: Repository, login: str, before: dict[str, str]) -> None:
        """Branches have moved since `before`."""
        after = repository.branches()
        for branch in before.keys() | after.keys():
            old, new = before.get(branch, _NOTHING), after.get(branch, _NOTHING)
            if old != new:
                self._follow(repository, login, branch, old, new)

    def _follow(self, repository: Repository, login: str, branch: str, old: str, new: str) -> None:
        if old == _NOTHING:
            self._tell(repository, login, "create", {"ref": branch, "ref_type": "branch", "sha": new})
        elif new == _NOTHING:
            self._tell(repository, login, "delete", {"ref": branch, "ref_type": "branch", "pusher_type": "user"})
        commits = [] if new == _NOTHING else [self._commit(repository, new)]
        push = {
            "ref": f"refs/heads/{branch}",
            "before": old,
            "after": new,
            "compare_url": f"{self.shapes.url}/{repository.full_name}/compare/{old}...{new}",
            "commits": commits,
            "total_commits": len(commits),
            "head_commit": commits[0] if commits else None,
            "pusher": self.shapes.user(login),
        }
        self._tell(repository, login, "push", push)
        for pull in repository.pulls():
            if pull.head != branch or pull.state != "open":
                continue
            if new == _NOTHING:
                self.close(repository, login, pull)
            else:
                pull.sha, pull.updated = new, now()
                repository.git("update-ref", f"refs/pull/{pull.number}/head", new)
                self.tell_pull(repository, login, pull, "synchronized", kind="pull_request_sync")

    def _commit(self, repository: Repository, commit: str) -> dict[str, Any]:
        who = {"name": "Ada", "email": "ada@example.com", "username": "ada"}
        url = f"{self.shapes.url}/{repository.full_name}/commit/{commit}"
        return {"id": commit, "message": "…", "url": url, "author": who, "committer": who}

    def tell_pull(
        self, repository: Repository, login: str, pull: Entry, action: str, *, kind: str = "pull_request", **more: Any
    ) -> None:
        """A pull request has changed."""
        shown = self.shapes.pull(repository, pull, login)
        payload = {"action": action, "number": pull.number, "pull_request": shown, "review": None, **more}
        self._tell(repository, login, kind, payload)

    def tell_issue(self, repository: Repository, login: str, issue: Entry, action: str) -> None:
        """An issue has changed."""
        shown = self.shapes.issue(repository, issue)
        self._tell(repository, login, "issues", {"action": action, "number": issue.number, "issue": shown})

    def commented(self, repository: Repository, login: str, entry: Entry, words: Words) -> None:
        """Somebody said something on an issue or a pull request."""
        entry.comments.append(words)
        entry.updated = now()
        is_pull = entry.head is not None
        payload = {
            "action": "created",
            "issue": self.shapes.issue(repository, entry),
            "comment": self.shapes.comment(repository, entry, words),
            "is_pull": is_pull,
        }
        self._tell(repository, login, "pull_request_comment" if is_pull else "issue_comment", payload)

    def reviewed(self, repository: Repository, login: str, pull: Entry, review: Judgement) -> None:
        """Somebody reviewed a pull request."""
        pull.reviews.append(review)
        pull.updated = now()
        kind = {
            "APPROVED": "pull_request_review_approved",
            "REQUEST_CHANGES": "pull_request_review_rejected",
            "COMMENT": "pull_request_review_comment",
        }[review.state]
        self.tell_pull(repository, login, pull, "reviewed", kind=kind, review={"type": kind, "content": review.body})

    def close(self, repository: Repository, login: str, entry: Entry) -> None:
        """Somebody closed it, or merged it."""
        if entry.state == "closed":
            return
        entry.state = "closed"
        entry.closed = entry.updated = now()
        if entry.head is None:
            self.tell_issue(repository, login, entry, "closed")
        else:
            self.tell_pull(repository, login, entry, "closed")

    async def merge(self, repository: Repository, login: str, pull: Entry, wish: dict[str, Any]) -> None:
        """Merge as asked. Raises: Refused."""
        style = wish.get("Do")
        base, head = repository.branches().get(pull.base), repository.branches().get(str(pull.head), pull.sha)
        if pull.merged_by is not None:
            raise Refused(405, "")
        if pull.state == "closed" or base is None:
            raise Refused(404, "The target couldn't be found.")
        if pull.base in repository.merge_protected:
            raise Refused(405, "User not allowed to merge PR")
        if pull.title.startswith(("WIP:", "[WIP]")):
            raise Refused(405, "Work in progress PRs cannot be merged")
        if wish.get("head_commit_id") not in (None, "", head):
            raise Refused(409, "head out of date")
        allowed = {"merge": True, "squash": True, "rebase": repository.allow_rebase}
        if style == "manually-merged":
            if not repository.allow_manual_merge:
                raise Refused(405, "Invalid merge style: manually-merged is not allowed for this repository")
            merged = str(wish.get("MergeCommitID"))
            if not repository.knows(merged) or not repository.contains(merged, base):
                raise Refused(409, "Wrong commit ID")
        elif not allowed.get(str(style)):
            raise Refused(405, f"Invalid merge style [id: {repository.id}, strategy: {style}]")
        else:
            merged = await asyncio.to_thread(_merged, repository, str(style), base, head, pull)
            before = repository.branches()
            repository.git("update-ref", f"refs/heads/{pull.base}", merged, base)
            pull.state, pull.merged_by, pull.merge_commit = "closed", login, merged
            pull.closed = pull.updated = now()
            self.tell_pull(repository, login, pull, "closed")
            self.pushed(repository, login, before)
            return
        pull.state, pull.merged_by, pull.merge_commit = "closed", login, merged
        pull.closed = pull.updated = now()
        self.tell_pull(repository, login, pull, "closed")

    def hook(self, url: str, secret: str, content_type: str, events: list[str], *, active: bool) -> Hook:
        """A new webhook."""
        return Hook(self.world.next_id(), url, secret, content_type, events, active)

    def _tell(self, repository: Repository, login: str, kind: str, payload: dict[str, Any]) -> None:
        whole = {
            **payload,
            "repository": self.shapes.repository(repository, login),
            "sender": self.shapes.user(login),
        }
        self.deliveries.announce(repository, kind, whole)


def _merged(repository: Repository, style: str, base: str, head: str, pull: Entry) -> str:
    """The commit that the base stands at after a merge. Raises: Refused (conflicts)."""
    conflict = Refused(409, "merge conflict")
    if style == "rebase":
        with tempfile.TemporaryDirectory() as folder:
            git(Path(folder), "clone", "--quiet", "--no-checkout", str(repository.path), ".")
            git(Path(folder), "checkout", "--quiet", "--detach", head)
            if run_git(Path(folder), "rebase", "--quiet", base).returncode:
                raise conflict
            commit = git(Path(folder), "rev-parse", "HEAD")
            git(Path(folder), "push", "--quiet", str(repository.path), f"HEAD:refs/merging/{pull.number}")
            return commit
    made = run_git(repository.path, "merge-tree", "--write-tree", base, head)
    if made.returncode:
        raise conflict
    parents = ("-p", base, "-p", head) if style == "merge" else ("-p", base)
    message = f"{pull.title} (#{pull.number})"
    return repository.git("commit-tree", made.stdout.decode().split("\n")[0], *parents, "-m", message)
