"""The Forge port: where the code lives.

A repository is named `owner/shop` in Gitea or Forgejo, and by a short lower-case name (`shop`) in the built-in forge;
commits by their 40 hex digits. Every call may raise NotFound (no such repository, branch, commit or pull request),
Invalid (a name that git does not allow, words that the forge does not take), Denied (the forge does not let us) and
Unavailable (the forge does not answer; trying again is safe, each call is idempotent).
"""

from typing import Protocol

from aiworker.delivery.ports.forge.branches import (
    Branches,
    BranchMoved,
    ByHand,
    Check,
    CheckState,
    Clash,
    Commit,
    CommitStatus,
    Comparison,
    Conflicted,
    Diff,
    DoneByHand,
    FileDiff,
    FileStatus,
    Integration,
    Laid,
    Pick,
)
from aiworker.delivery.ports.forge.issues import (
    Issue,
    IssuePage,
    Issues,
    IssueState,
)
from aiworker.delivery.ports.forge.packs import (
    PackRequest,
    PackResponse,
    PackService,
    Sources,
)
from aiworker.delivery.ports.forge.pull_requests import (
    LineComment,
    PullRequest,
    PullRequests,
    PullRequestState,
    ReviewComment,
    Verdict,
)
from aiworker.delivery.ports.forge.repositories import (
    Fetched,
    ForgeRepository,
    PushedUpstream,
    RefusedRef,
    Repositories,
    Told,
)

__all__ = [
    "BranchMoved",
    "ByHand",
    "Check",
    "CheckState",
    "Clash",
    "Commit",
    "CommitStatus",
    "Comparison",
    "Conflicted",
    "Diff",
    "DoneByHand",
    "Fetched",
    "FileDiff",
    "FileStatus",
    "Forge",
    "ForgeRepository",
    "Integration",
    "Issue",
    "IssuePage",
    "IssueState",
    "Laid",
    "LineComment",
    "PackRequest",
    "PackResponse",
    "PackService",
    "Pick",
    "PullRequest",
    "PullRequestState",
    "PushedUpstream",
    "RefusedRef",
    "ReviewComment",
    "Sources",
    "Told",
    "Verdict",
]


class Forge(Repositories, Branches, PullRequests, Issues, Protocol):
    """Repositories, branches, pull requests, issues. `kind` is `local` or `gitea`.

    A `source` is an absolute path, a URL or `user@host:path`. Its credential, if it holds one, is shown to nobody.
    """

    kind: str
