"""git over smart HTTP for repositories in Gitea: served from the mirror, and a push handed on within itself."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from aiworker.adapters.forge.gitea.base import GiteaPart
from aiworker.adapters.forge.packs import Packs
from aiworker.delivery.ports.forge import PackRequest, PackResponse
from aiworker.git.environment import environment_for

_FORWARDER = Path(__file__).with_name("forward.py")


class GiteaPacks(GiteaPart, Packs):
    """Fills `PackService`. The key of Gitea stays with the server; whoever pushes has one of ours."""

    hooks: ClassVar[Sequence[str]] = ("pre-receive", "proc-receive")

    async def serve(self, request: PackRequest) -> PackResponse:
        """Answer one request; the first of a fetch or a push sees what Gitea has now."""
        if request.method == "GET":
            await self.store.look(request.repository)
        return await super().serve(request)

    def settings(self, service: str) -> list[tuple[str, str]]:
        """Every ref is moved by the hook."""
        return [*super().settings(service), ("receive.procReceiveRefs", "refs")]

    def environment(self, repository: str) -> dict[str, str]:
        """Where the push goes on to, and with what credential: for the hook, never for whoever pushes."""
        address = self.store.address(repository)
        forward = {"to": address.url, "environment": environment_for(address)}
        return {
            "AIWORKER_PYTHON": sys.executable,
            "AIWORKER_FORWARDER": str(_FORWARDER),
            "AIWORKER_FORWARD": json.dumps(forward),
        }
