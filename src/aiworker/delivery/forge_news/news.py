"""What a webhook says, as far as we listen: a hint at what to look at, and who did it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from aiworker.core.errors import Invalid
from aiworker.wire.base import SafeText

T = TypeVar("T")

_HEADS = "refs/heads/"


class NewsKind(StrEnum):
    """What may have changed."""

    BRANCH = "branch"
    PULL_REQUEST = "pull_request"
    REVIEW = "review"
    ISSUE = "issue"
    STATUS = "status"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class News:
    """Something may have changed; whoever works it off looks at how things stand by then.

    So news that come twice, late or in another order do no harm, and what they say is never believed on its own.
    """

    kind: NewsKind
    by: str | None = None
    number: int | None = None
    branch: str | None = None
    commit: str | None = None

    def as_input(self) -> dict[str, Any]:
        """As a robot's input holds it."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of_input(cls, data: Mapping[str, Any]) -> "News":
        """Back from there."""
        known = {name: data.get(name) for name in ("by", "number", "branch", "commit")}
        return cls(NewsKind(data["kind"]), **known)


class _User(BaseModel):
    login: Annotated[SafeText, Field(max_length=100)]


class _Numbered(BaseModel):
    number: Annotated[int, Field(ge=1, lt=2**31)]


class _Issue(_Numbered):
    pull_request: dict[str, Any] | None = None


class Repository(BaseModel):
    """The repository that something happened in."""

    id: Annotated[int, Field(ge=0, lt=2**53)]
    full_name: Annotated[SafeText, Field(max_length=255, pattern=r"^[^/\s]+/[^/\s]+$")]
    html_url: Annotated[SafeText, Field(max_length=512)] | None = None


class Payload(BaseModel):
    """The part of a webhook's body that is read. What else is in it is left alone."""

    repository: Repository | None = None
    sender: _User | None = None
    pusher: _User | None = None
    action: Annotated[SafeText, Field(max_length=60)] | None = None
    ref: Annotated[SafeText, Field(max_length=255)] | None = None
    ref_type: Annotated[SafeText, Field(max_length=60)] | None = None
    sha: Annotated[SafeText, Field(max_length=64)] | None = None
    pull_request: _Numbered | None = None
    issue: _Issue | None = None
    is_pull: bool = False

    @property
    def by(self) -> str | None:
        """The login of who did it."""
        user = self.sender or self.pusher
        return user.login if user else None


def news_of(event: str, payload: Payload) -> News | None:
    """What an event is about; None if nobody here listens to it. Raises: Invalid if it lacks what it is about."""
    kind = _KINDS.get(event)
    match kind:
        case NewsKind.BRANCH:
            return _branch(payload)
        case NewsKind.PULL_REQUEST | NewsKind.REVIEW:
            subject = _present(event, payload.pull_request)
            return News(kind, payload.by, number=subject.number)
        case NewsKind.ISSUE:
            issue = _present(event, payload.issue)
            spoken = event == "issue_comment"
            on_pull = payload.is_pull or issue.pull_request is not None
            # Words on an issue are for people; words on a pull request are a review.
            about = NewsKind.REVIEW if on_pull else kind
            return News(about, payload.by, number=issue.number) if spoken is on_pull else None
        case NewsKind.STATUS:
            return News(kind, payload.by, commit=_present(event, payload.sha))
        case _:
            return News(kind, payload.by) if kind else None


_KINDS: Mapping[str, NewsKind] = MappingProxyType(
    {
        "push": NewsKind.BRANCH,
        "create": NewsKind.BRANCH,
        "delete": NewsKind.BRANCH,
        "pull_request": NewsKind.PULL_REQUEST,
        "pull_request_approved": NewsKind.REVIEW,
        "pull_request_rejected": NewsKind.REVIEW,
        "pull_request_comment": NewsKind.REVIEW,
        "issues": NewsKind.ISSUE,
        "issue_comment": NewsKind.ISSUE,
        "status": NewsKind.STATUS,
        "repository": NewsKind.REPOSITORY,
    }
)


def _branch(payload: Payload) -> News | None:
    """A push names the full ref, the making and the removal of a branch only its name."""
    ref = payload.ref or ""
    if ref.startswith(_HEADS):
        return News(NewsKind.BRANCH, payload.by, branch=ref.removeprefix(_HEADS))
    return News(NewsKind.BRANCH, payload.by, branch=ref) if payload.ref_type == "branch" and ref else None


def _present(event: str, subject: T | None) -> T:
    if subject is None:
        raise Invalid(f"The body of this {event} event lacks what it is about.", code="event_incomplete")
    return subject
