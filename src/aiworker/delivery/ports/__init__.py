"""The ports of the coding half: what it asks of a forge and of a runtime, in their own small words."""

from aiworker.delivery.ports.forge import (
    BranchMoved,
    Commit,
    Comparison,
    Conflicted,
    Diff,
    FileDiff,
    Forge,
    ForgeRepository,
    Integration,
    PackRequest,
    PackResponse,
    PackService,
    Pick,
    PullRequest,
    Sources,
)
from aiworker.delivery.ports.runtime import Instance, Rollout, RolloutFailed, Runtime

__all__ = [
    "BranchMoved",
    "Commit",
    "Comparison",
    "Conflicted",
    "Diff",
    "FileDiff",
    "Forge",
    "ForgeRepository",
    "Instance",
    "Integration",
    "PackRequest",
    "PackResponse",
    "PackService",
    "Pick",
    "PullRequest",
    "Rollout",
    "RolloutFailed",
    "Runtime",
    "Sources",
]
