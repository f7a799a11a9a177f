"""What is read of Gitea's answers: the fields that are used, and no others."""

from datetime import datetime

from msgspec import Struct


class User(Struct, frozen=True):
    """An account."""

    login: str = ""


class Permissions(Struct, frozen=True):
    """What the token may do with a repository."""

    admin: bool = False
    push: bool = False


class Repo(Struct, frozen=True):
    """A repository. `allow_fast_forward_only_merge` is known since Gitea 1.22."""

    id: int
    full_name: str
    html_url: str
    default_branch: str = "main"
    archived: bool = False
    permissions: Permissions | None = None
    allow_rebase: bool = False
    allow_fast_forward_only_merge: bool = False


class Side(Struct, frozen=True):
    """One of the two branches of a pull request. `repo` is null when a fork is gone."""

    ref: str
    sha: str
    repo_id: int
    label: str = ""
    repo: Repo | None = None

    @property
    def branch(self) -> str:
        """Its name. Once the branch is deleted, `ref` is `refs/pull/7/head`."""
        return self.label if self.label and not self.is_branch else self.ref

    @property
    def is_branch(self) -> bool:
        """Whether there is such a branch: not once it is deleted, nor where somebody pushed to `refs/for/…`."""
        return not self.ref.startswith("refs/pull/")


class Pull(Struct, frozen=True):
    """A pull request."""

    number: int
    html_url: str
    title: str
    state: str
    base: Side
    head: Side
    updated_at: datetime
    user: User | None = None
    body: str = ""
    merged: bool = False
    merged_by: User | None = None
    merge_commit_sha: str | None = None


class Remark(Struct, frozen=True):
    """A comment on an issue or a pull request."""

    id: int
    created_at: datetime
    body: str = ""
    user: User | None = None


class Review(Struct, frozen=True):
    """A review, without its comments on lines. `dismissed`: somebody has taken its verdict back."""

    id: int
    state: str
    submitted_at: datetime
    dismissed: bool = False
    user: User | None = None
    body: str = ""
    commit_id: str = ""


class LineRemark(Struct, frozen=True):
    """A comment on a line: `position` counts in the new file, and is 0 where the line is only in the old one."""

    id: int
    path: str
    created_at: datetime
    body: str = ""
    user: User | None = None
    commit_id: str = ""
    position: int = 0


class Status(Struct, frozen=True):
    """What one machine says of a commit."""

    status: str
    context: str = ""
    description: str = ""
    target_url: str = ""


class Combined(Struct, frozen=True):
    """What all of them say, the latest word of each."""

    statuses: list[Status] | None = None


class Label(Struct, frozen=True):
    """A label of an issue."""

    name: str


class GiteaIssue(Struct, frozen=True):
    """An issue."""

    number: int
    html_url: str
    title: str
    state: str
    created_at: datetime
    updated_at: datetime
    user: User | None = None
    body: str = ""
    labels: list[Label] | None = None


class Hook(Struct, frozen=True):
    """A webhook."""

    id: int
    active: bool = False
    events: list[str] | None = None
    config: dict[str, str] | None = None


class Version(Struct, frozen=True):
    """Which Gitea it is."""

    version: str
