"""The Runtime port: where previews, staging and production run.

An instance is named `task-shop-12`, `staging-shop` or `production-shop`; there is one per name.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from aiworker.core.errors import Unavailable
from aiworker.core.sayings import Saying

Health = Literal["starting", "healthy", "unhealthy", "stopped"]
Place = Literal["preview", "staging", "production"]
# Called with a step's name and a sentence, as the roll-out goes on.
Progress = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rollout:
    """What should run, told to every kind of runtime; each takes what it needs.

    Without a start command the local one serves the files as they are (`static_root` below the checkout). A cluster
    runs `image`, in which `{commit}` and `{branch}` stand for this commit and its branch, in `namespace`. `egress`:
    where a preview may connect to, as `network/size[:port]` or `namespace[:port]`. `manifests`: the folder of the
    repository that says what staging and production are made of, and `manifests_image` where it takes the image from.
    """

    name: str
    repository: str
    commit: str
    place: Place = "preview"
    branch: str = ""
    repository_url: str = ""
    setup_command: str | None = None
    start_command: str | None = None
    static_root: str = "."
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    health_path: str = "/"
    health_timeout_seconds: float = 60.0
    cpu_limit: str = "500m"
    memory_limit: str = "512Mi"
    replicas: int = 1
    namespace: str = ""
    image: str | None = None
    egress: Sequence[str] = ()
    as_root: bool = False
    manifests: str = ""
    manifests_image: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """What runs now. `limits`: what holds it within its limits of CPU and memory, where people would ask."""

    name: str
    commit: str
    health: Health
    url: str
    since: datetime
    error: str | None = None
    limits: str | None = None


class RolloutFailed(Unavailable):
    """The new version did not get healthy; what ran before still runs. `log` holds the last lines of its output.

    `why` is one of `rollout_troubles`, or what another error said.
    """

    default_code = "rollout_failed"

    def __init__(self, why: Saying, *, log: str = "") -> None:
        super().__init__(why, details={"log": log[-4000:]})
        self.log = log


class Runtime(Protocol):
    """Roll out, look, remove. `kind` is `local`, `kubernetes` or `argocd`."""

    kind: str

    def url(self, name: str) -> str:
        """The address reserved for an instance, also before it runs."""
        ...

    async def deploy(self, rollout: Rollout, progress: Progress) -> Instance:
        """Bring this very commit up, wait until it answers, then let it take over from what ran before.

        `progress` hears of the steps: locally `checkout`, `setup`, `start`, `health` and `switch`, on Kubernetes
        `namespace`, `image`, `start`, `health` and `switch`, with Argo CD `image`, `sync`, `health` and `switch`.
        Cancelled, or stopped by an error that `progress` raises: as if it had never begun. Calls for one name wait for
        each other.
        Already running healthy at that commit with the same settings: no error, nothing restarts.
        Raises: RolloutFailed (also for a command or a limit that cannot be read); Invalid for the name; NotFound for
        the commit.
        """
        ...

    async def get(self, name: str) -> Instance | None:
        """What runs under that name now, checked."""
        ...

    async def list(self) -> list[Instance]:
        """Everything that runs."""
        ...

    async def names(self) -> Sequence[str]:
        """Every name that holds something: what runs, and what a failed or cut-off roll-out or removal has left."""
        ...

    async def remove(self, name: str) -> None:
        """End it and its whole process tree, and take away its files; already gone is no error."""
        ...

    async def logs(self, name: str, *, lines: int = 200) -> str:
        """The last lines of its output; empty if it never ran. While a version comes up: what that one writes."""
        ...


@dataclass(frozen=True, slots=True)
class Listening:
    """An instance whose program answers on this port of 127.0.0.1."""

    port: int


@dataclass(frozen=True, slots=True)
class Folder:
    """An instance that is a folder of files, served as they are."""

    root: Path


@dataclass(frozen=True, slots=True)
class Waiting:
    """An instance that does not answer now; `reason` is one sentence for the person who looks at it."""

    health: Literal["starting", "stopped"]
    reason: str


Target = Listening | Folder | Waiting


class Targets(Protocol):
    """Tells the proxy where the instances of a local runtime answer. Only the local runtime has it."""

    def target(self, name: str) -> Target | None:
        """Where the instance answers at this moment; None if there is none by that name. Never waits."""
        ...
