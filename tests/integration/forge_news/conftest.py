from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.gitea_yard import GiteaYard, gitea_yard
from tests.support.tasks import in_one_task


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[GiteaYard]:
    """A project in Gitea, whose webhook comes to us."""
    async with in_one_task(gitea_yard(tmp_path)) as opened:
        yield opened
