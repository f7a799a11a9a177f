"""What is said on pull requests and issues in Gitea."""

from collections.abc import Sequence

from aiworker.adapters.forge.base import check_text
from aiworker.adapters.forge.gitea.addresses import api_path
from aiworker.adapters.forge.gitea.base import GiteaPart
from aiworker.adapters.forge.gitea.shapes import LineRemark, Remark, Review
from aiworker.adapters.forge.reviews import check_review
from aiworker.core.errors import NotFound
from aiworker.delivery.ports.forge import LineComment, ReviewComment, Verdict

_MOST_REVIEWS = 1_000
# Drafts and requests are no words yet.
_VERDICTS: dict[str, Verdict] = {
    "APPROVED": "approved",
    "REQUEST_CHANGES": "changes_requested",
    "COMMENT": "commented",
}


class GiteaReviews(GiteaPart):
    """The part of `Forge` about comments and reviews."""

    async def comment(self, name: str, number: int, body: str) -> None:
        """Comment on a pull request. The same words from us are not repeated."""
        check_text("comment", body)
        await self.pull(name, number)
        await self.say(name, number, body)

    async def say(self, name: str, number: int, body: str) -> None:
        """Comment on a pull request or an issue that is there."""
        ours = await self.account(name)
        path = api_path(name, "issues", number, "comments")

        async def find() -> Remark | None:
            said = await self.client.get(path, list[Remark])
            return next((one for one in said if _login(one) == ours and one.body == body), None)

        async def make() -> Remark:
            return await self.client.call("POST", path, Remark, body={"body": body})

        await self.client.ensure(find, make)

    async def review(
        self, name: str, number: int, *, commit: str, body: str, comments: Sequence[LineComment] = ()
    ) -> None:
        """Say something on lines of the pull request at a commit. What stands there already from us is left out."""
        check_review(commit, body, comments)
        await self.pull(name, number)
        path = api_path(name, "pulls", number, "reviews")

        async def missing() -> tuple[str, list[LineComment]]:
            ours = await self.account(name)
            said = {
                (one.path, one.line, one.body) for one in await self.list_reviews(name, number) if one.author == ours
            }
            left = [one for one in comments if (one.path, one.line, one.body) not in said]
            return ("" if (None, None, body) in said else body), left

        async def find() -> bool | None:
            words, lines = await missing()
            return None if words or lines else True

        async def make() -> bool:
            words, lines = await missing()
            wish = {
                "body": words,
                "commit_id": commit,
                "event": "COMMENT",
                "comments": [{"path": one.path, "body": one.body, "new_position": one.line} for one in lines],
            }
            await self.client.call("POST", path, Review, body=wish)
            return True

        await self.client.ensure(find, make)

    async def list_reviews(self, name: str, number: int, *, limit: int = 1_000) -> list[ReviewComment]:
        """Everything said on a pull request, oldest first; the latest `limit` of it."""
        await self.pull(name, number)
        remarks = await self.client.get(api_path(name, "issues", number, "comments"), list[Remark])
        found = [
            ReviewComment(f"comment-{one.id}", _login(one), one.body, None, None, None, one.created_at, "commented")
            for one in remarks
        ]
        async for review in self.client.pages(api_path(name, "pulls", number, "reviews"), Review, most=_MOST_REVIEWS):
            verdict = _VERDICTS.get(review.state)
            if verdict is not None and review.dismissed:
                verdict = "commented"
            if verdict is not None:
                found += await self._of_review(name, number, review, verdict)
        return sorted(found, key=lambda one: (one.submitted_at, int(one.id.partition("-")[2])))[-limit:]

    async def _of_review(self, name: str, number: int, review: Review, verdict: Verdict) -> list[ReviewComment]:
        path = api_path(name, "pulls", number, "reviews", review.id, "comments")
        try:
            lines = await self.client.maybe(path, list[LineRemark]) or []
        except NotFound:
            lines = []  # taken back just now
        found = [
            ReviewComment(
                f"line-{one.id}",
                _login(one) or _login(review),
                one.body,
                one.path,
                one.position or None,
                review.commit_id or one.commit_id or None,
                one.created_at,
                verdict,
            )
            for one in lines
        ]
        if review.body or verdict != "commented":
            words = ReviewComment(
                f"review-{review.id}",
                _login(review),
                review.body,
                None,
                None,
                review.commit_id or None,
                review.submitted_at,
                verdict,
            )
            found.insert(0, words)
        return found


def _login(said: Remark | Review | LineRemark) -> str:
    return said.user.login if said.user is not None else ""
