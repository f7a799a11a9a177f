"""Which webhooks are listened to, and what they are taken to be about."""

from typing import Any

import pytest

from aiworker.core.errors import Invalid
from aiworker.delivery.forge_news.news import News, NewsKind, Payload, news_of

ADA = {"sender": {"login": "ada"}}


def heard(event: str, **body: Any) -> News | None:
    return news_of(event, Payload.model_validate({**ADA, **body}))


def test_a_push_is_about_its_branch() -> None:
    assert heard("push", ref="refs/heads/task-shop-1") == News(NewsKind.BRANCH, "ada", branch="task-shop-1")


def test_a_removed_branch_is_named_without_its_folder() -> None:
    assert heard("delete", ref="task-shop-1", ref_type="branch") == News(NewsKind.BRANCH, "ada", branch="task-shop-1")


def test_tags_concern_nobody() -> None:
    assert heard("push", ref="refs/tags/v1") is None
    assert heard("delete", ref="v1", ref_type="tag") is None


def test_a_pull_request_is_looked_at_as_a_whole_and_what_is_said_on_it_as_a_review() -> None:
    pull = {"number": 7}
    assert heard("pull_request", pull_request=pull) == News(NewsKind.PULL_REQUEST, "ada", number=7)
    for event in ("pull_request_approved", "pull_request_rejected", "pull_request_comment"):
        assert heard(event, pull_request=pull) == News(NewsKind.REVIEW, "ada", number=7)
    assert heard("issue_comment", issue=pull, is_pull=True) == News(NewsKind.REVIEW, "ada", number=7)


def test_an_issue_is_about_itself_and_what_people_say_on_it_is_for_people() -> None:
    assert heard("issues", issue={"number": 3}) == News(NewsKind.ISSUE, "ada", number=3)
    assert heard("issue_comment", issue={"number": 3}) is None
    assert heard("issues", issue={"number": 3, "pull_request": {"merged": False}}) is None


def test_events_that_nobody_listens_to_are_none() -> None:
    for event in ("fork", "wiki", "release", "package", "star", "something_new"):
        assert heard(event) is None


@pytest.mark.parametrize("event", ["pull_request", "issues", "status", "pull_request_approved"])
def test_an_event_without_what_it_is_about_is_refused(event: str) -> None:
    with pytest.raises(Invalid, match=f"this {event} event"):
        heard(event)


def test_news_survive_the_way_through_a_robot() -> None:
    news = News(NewsKind.STATUS, "ada", commit="a" * 40)
    assert News.of_input({"projectId": "x", **news.as_input()}) == news
