"""The demonstration's story on Gitea, Kubernetes and Argo CD: a task to production and back, whatever happens."""

import random
from pathlib import Path

import pytest

from tests.faults.platform_run import KILLS, Telling, tell, tellings
from tests.support.platform_troubles import WELL, killed

SEED = random.SystemRandom().randrange(1_000_000)


async def test_a_task_goes_to_production_and_back_and_there_again(tmp_path: Path) -> None:
    told = await tell(Telling("nothing wrong", 0, (WELL,)), tmp_path)
    assert told.again == []


@pytest.mark.soak
async def test_it_gets_there_though_the_server_is_killed_now_and_then(tmp_path: Path) -> None:
    told = await tell(Telling(KILLS, 7, (WELL, WELL, WELL, killed), insists=True), tmp_path)
    assert told.kills > 0


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("telling", tellings(SEED), ids=lambda telling: f"{telling.name}-{telling.seed}")
async def test_it_gets_there_whatever_goes_wrong_at_each_step(telling: Telling, tmp_path: Path) -> None:
    told = await tell(telling, tmp_path)
    assert told.again == [] or telling.insists
