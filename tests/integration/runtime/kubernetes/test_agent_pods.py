"""Agents as pods: their number through the API's `scale`, with no other right."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiworker.adapters.agents import AgentPods
from aiworker.adapters.runtime.kubernetes.kinds import DEPLOYMENT
from aiworker.core.errors import AiWorkerError, Conflict
from aiworker.delivery.ports.agent_pool import PoolStanding
from tests.support.kube_server import FakeKubernetes, fake_kubernetes
from tests.support.kube_worlds import cluster_of
from tests.support.waiting import eventually


@dataclass
class Pool:
    server: FakeKubernetes
    pods: AgentPods

    async def runs(self, number: int) -> None:
        async def look() -> bool:
            return await self.pods.standing() == PoolStanding(wanted=number, running=number)

        await eventually(look)


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[Pool]:
    async with fake_kubernetes() as server, cluster_of(server, tmp_path) as cluster:
        server.add("Namespace", "agents")
        yield Pool(server, AgentPods(cluster, DEPLOYMENT, namespace="agents", name="agent"))


def deploy(pool: Pool, replicas: int) -> None:
    labels = {"app": "agent"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "agent", "image": "agent:1"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    pool.server.add("Deployment", "agent", "agents", spec=spec)


async def test_their_number_is_read_and_set_by_the_scale_alone(pool: Pool) -> None:
    deploy(pool, 2)
    await pool.runs(2)
    assert (await pool.pods.scale(3)).wanted == 3
    await pool.runs(3)
    assert (await pool.pods.scale(0)).wanted == 0
    await pool.runs(0)
    assert set(pool.server.asked) == {
        "GET /apis/apps/v1/namespaces/agents/deployments/agent/scale",
        "PATCH /apis/apps/v1/namespaces/agents/deployments/agent/scale",
    }


async def test_a_deployment_that_is_not_there_is_told_with_what_to_do(pool: Pool) -> None:
    with pytest.raises(Conflict, match="apply deploy/kubernetes/agents"):
        await pool.pods.scale(2)


@pytest.mark.parametrize("verb", ["get", "patch"])
async def test_a_right_that_is_missing_is_named(pool: Pool, verb: str) -> None:
    deploy(pool, 1)
    pool.server.deny(verb, "deployments/scale")
    with pytest.raises(AiWorkerError, match=f"cannot {verb} resource .*deployments/scale"):
        await pool.pods.scale(2)
