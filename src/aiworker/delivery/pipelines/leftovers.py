"""`cleanup.release`: a release that goes nowhere leaves no branch and no open pull request behind."""

from collections.abc import Sequence
from typing import Final

from aiworker.delivery.pipelines.details import GOES_ON
from aiworker.delivery.pipelines.shipping import Shipping
from aiworker.engine.context import Context
from aiworker.engine.steps import Outcome, Skip, Step
from aiworker.wire.engine import StepCategory


async def _close(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    number = release.group.staging_pr_number
    if release.group.under_way is not None or number is None:
        return Skip()
    await do.forge.close_pull_request(release.project.repository, number)
    return None


async def _remove(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.group.under_way is not None:
        return Skip(GOES_ON())
    for branch in release.group.scratch_branches:
        await do.forge.delete_branch(release.project.repository, branch)
    return None


STEPS: Final[Sequence[Step[Shipping]]] = (
    Step("close", StepCategory.EXTERNAL_API, _close),
    Step("remove", StepCategory.EXTERNAL_API, _remove),
)
