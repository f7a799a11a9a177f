"""How the fake Gitea writes things down as JSON: fields as its API description has them."""

from typing import Any

from tests.support.gitea.world import Entry, Hook, Judgement, LineWords, Repository, Words


class Shapes:
    """Everything that is shown, with addresses below `url`."""

    def __init__(self) -> None:
        self.url = ""

    def user(self, login: str) -> dict[str, Any]:
        """An account."""
        number = sum(login.encode())
        return {"id": number, "login": login, "full_name": login.title(), "email": f"{login}@example.com"}

    def repository(self, one: Repository, login: str) -> dict[str, Any]:
        """A repository, as this account sees it."""
        may = one.may.get(login, "read")
        return {
            "id": one.id,
            "name": one.name,
            "full_name": one.full_name,
            "owner": self.user(one.owner),
            "html_url": f"{self.url}/{one.full_name}",
            "clone_url": f"{self.url}/{one.full_name}.git",
            "ssh_url": f"git@gitea.example:{one.full_name}.git",
            "default_branch": one.default_branch,
            "empty": one.empty,
            "archived": one.archived,
            "private": True,
            "has_issues": True,
            "has_pull_requests": True,
            "allow_rebase": one.allow_rebase,
            "allow_merge_commits": True,
            "allow_squash_merge": True,
            "permissions": {"admin": may == "admin", "push": may != "read", "pull": True},
        }

    def pull(self, repository: Repository, one: Entry, login: str) -> dict[str, Any]:
        """A pull request."""
        shown = self.repository(repository, login)
        branches = repository.branches()
        return {
            "id": one.number,
            "number": one.number,
            "url": f"{self.url}/api/v1/repos/{repository.full_name}/pulls/{one.number}",
            "html_url": f"{self.url}/{repository.full_name}/pulls/{one.number}",
            "user": self.user(one.author),
            "title": one.title,
            "body": one.body,
            "labels": [],
            "state": one.state,
            "mergeable": one.state == "open",
            "merged": one.merged_by is not None,
            "merged_at": one.closed if one.merged_by else None,
            "merge_commit_sha": one.merge_commit,
            "merged_by": self.user(one.merged_by) if one.merged_by else None,
            "base": self._side(repository, one.base, branches.get(one.base, ""), shown),
            "head": self._side(repository, str(one.head), one.sha, shown)
            # Once its branch is gone, only its label tells what it was.
            | ({} if one.head in branches else {"ref": f"refs/pull/{one.number}/head"}),
            "created_at": one.created,
            "updated_at": one.updated,
            "closed_at": one.closed,
            "comments": len(one.comments),
        }

    def _side(self, repository: Repository, branch: str, sha: str, shown: dict[str, Any]) -> dict[str, Any]:
        return {"label": branch, "ref": branch, "sha": sha, "repo_id": repository.id, "repo": shown}

    def issue(self, repository: Repository, one: Entry) -> dict[str, Any]:
        """An issue; a pull request is one too."""
        kind = "issues" if one.head is None else "pulls"
        return {
            "id": one.number,
            "number": one.number,
            "url": f"{self.url}/api/v1/repos/{repository.full_name}/issues/{one.number}",
            "html_url": f"{self.url}/{repository.full_name}/{kind}/{one.number}",
            "user": self.user(one.author),
            "title": one.title,
            "body": one.body,
            "labels": [{"id": at, "name": name, "color": "00aabb"} for at, name in enumerate(one.labels, 1)],
            "state": one.state,
            "comments": len(one.comments),
            "created_at": one.created,
            "updated_at": one.updated,
            "closed_at": one.closed,
            "pull_request": None
            if one.head is None
            else {"merged": one.merged_by is not None, "merged_at": one.closed},
            "repository": {
                "id": repository.id,
                "name": repository.name,
                "owner": repository.owner,
                "full_name": repository.full_name,
            },
        }

    def comment(self, repository: Repository, entry: Entry, one: Words) -> dict[str, Any]:
        """A comment."""
        kind = "issues" if entry.head is None else "pulls"
        page = f"{self.url}/{repository.full_name}/{kind}/{entry.number}"
        return {
            "id": one.id,
            "html_url": f"{page}#issuecomment-{one.id}",
            "issue_url": page if entry.head is None else "",
            "pull_request_url": "" if entry.head is None else page,
            "user": self.user(one.author),
            "body": one.body,
            "created_at": one.at,
            "updated_at": one.at,
        }

    def review(self, repository: Repository, entry: Entry, one: Judgement) -> dict[str, Any]:
        """A review, without its comments on lines."""
        return {
            "id": one.id,
            "user": self.user(one.author),
            "state": one.state,
            "body": one.body,
            "commit_id": one.commit,
            "stale": one.commit != entry.sha,
            "official": False,
            "dismissed": one.dismissed,
            "comments_count": len(one.lines),
            "submitted_at": one.at,
            "updated_at": one.at,
            "html_url": f"{self.url}/{repository.full_name}/pulls/{entry.number}#issuecomment-{one.id}",
            "pull_request_url": f"{self.url}/{repository.full_name}/pulls/{entry.number}",
        }

    def line(self, repository: Repository, entry: Entry, review: Judgement, one: LineWords) -> dict[str, Any]:
        """A comment on a line."""
        return {
            "id": one.id,
            "body": one.body,
            "user": self.user(review.author),
            "pull_request_review_id": review.id,
            "created_at": review.at,
            "updated_at": review.at,
            "path": one.path,
            "commit_id": review.commit,
            "original_commit_id": "",
            "diff_hunk": "",
            "position": one.line,
            "original_position": one.old_line,
            "html_url": f"{self.url}/{repository.full_name}/pulls/{entry.number}#issuecomment-{one.id}",
            "pull_request_url": f"{self.url}/{repository.full_name}/pulls/{entry.number}",
        }

    def hook(self, one: Hook) -> dict[str, Any]:
        """A webhook. The secret is not told."""
        return {
            "id": one.id,
            "type": "gitea",
            "active": one.active,
            "branch_filter": "",
            "events": one.events,
            "authorization_header": "",
            "config": {"url": one.url, "content_type": one.content_type},
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        }
