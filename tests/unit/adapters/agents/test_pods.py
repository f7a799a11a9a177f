from typing import Any

import pytest

from aiworker.adapters.agents import AgentPods
from aiworker.core.errors import Conflict
from aiworker.delivery.ports.agent_pool import NoAgentPool, PoolStanding

Asked = tuple[str, str, str, str | None]


class Cluster:
    """One Deployment's scale, as the API tells it: what is zero is left out."""

    def __init__(self, wanted: int | None) -> None:
        self.wanted = wanted
        self.running = wanted or 0
        self.asked: list[Asked] = []

    async def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        self.asked.append(("get", kind, name, namespace))
        return None if self.wanted is None else self._scale()

    async def merge(self, kind: str, name: str, namespace: str | None, changes: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(("merge", kind, name, namespace))
        self.wanted = changes["spec"]["replicas"]
        return self._scale()

    def _scale(self) -> dict[str, Any]:
        spec = {"replicas": self.wanted} if self.wanted else {}
        return {"kind": "Scale", "spec": spec, "status": {"replicas": self.running}}


def pool(cluster: Cluster) -> AgentPods:
    return AgentPods(cluster, "Deployment", namespace="agents", name="agent")


async def test_the_scale_says_how_many_are_wanted_and_how_many_run() -> None:
    cluster = Cluster(2)
    cluster.running = 3
    assert await pool(cluster).standing() == PoolStanding(wanted=2, running=3)
    assert cluster.asked == [("get", "Deployment", "agent/scale", "agents")]


@pytest.mark.parametrize("wanted", [0, 5])
async def test_another_number_is_set_on_the_scale_and_nowhere_else(wanted: int) -> None:
    cluster = Cluster(2)
    assert await pool(cluster).scale(wanted) == PoolStanding(wanted=wanted, running=2)
    assert cluster.asked[-1] == ("merge", "Deployment", "agent/scale", "agents")


async def test_what_is_so_already_is_not_written_again() -> None:
    cluster = Cluster(2)
    await pool(cluster).scale(2)
    assert [what for what, *_ in cluster.asked] == ["get"]


async def test_a_cluster_without_the_deployment_says_what_to_apply() -> None:
    for asking in (pool(Cluster(None)).standing(), pool(Cluster(None)).scale(1)):
        with pytest.raises(Conflict, match=r"no Deployment agents/agent .* AIWORKER_AGENTS"):
            await asking


async def test_without_a_cluster_it_says_how_agents_are_started_here() -> None:
    for asking in (NoAgentPool().standing(), NoAgentPool().scale(1)):
        with pytest.raises(Conflict, match="aiworker agent --count N") as refused:
            await asking
        assert refused.value.code == "no_agent_pool"
