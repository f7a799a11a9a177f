from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.kube_worlds import KubernetesWorld, kubernetes_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[KubernetesWorld]:
    async with kubernetes_world(tmp_path) as made:
        yield made
