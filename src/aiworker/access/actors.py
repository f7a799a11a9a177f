"""Who does something, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from aiworker.core.errors import Denied
from aiworker.wire.access import Scope

ActorKind = Literal["person", "agent", "module", "system"]


class Permission(StrEnum):
    """What an end point or a service asks for."""

    READ = "read"
    TASKS = "tasks"
    APPROVE = "approve"
    SHIP = "ship"
    PROJECTS = "projects"
    WORK = "work"
    MODULES = "modules"
    ADMIN = "admin"


_MEMBER = frozenset({Permission.READ, Permission.TASKS})
_MAINTAINER = _MEMBER | {Permission.APPROVE, Permission.SHIP, Permission.PROJECTS}

PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.ADMIN: frozenset(Permission),
    Scope.MAINTAINER: _MAINTAINER,
    Scope.MEMBER: _MEMBER,
    Scope.AGENT: frozenset({Permission.READ, Permission.WORK}),
    Scope.MODULE: frozenset({Permission.READ, Permission.MODULES}),
    Scope.READ: frozenset({Permission.READ}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, agent, module or the system itself. `id` is the key's or user's id; `name` is what people read."""

    kind: ActorKind
    id: str
    name: str
    scope: Scope

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the scope allows."""
        return PERMISSIONS[self.scope]

    def may(self, permission: Permission) -> bool:
        """Whether the scope allows it."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raises: Denied, naming what is missing."""
        if not self.may(permission):
            raise Denied(
                f"This needs the permission '{permission}'; {self.name} has the scope '{self.scope}'.",
                code="permission_missing",
                details={"permission": permission.value, "scope": self.scope.value},
            )


SYSTEM = Actor(kind="system", id="system", name="AiWorker", scope=Scope.ADMIN)
