"""Who does something, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from aiworker.core.errors import Denied
from aiworker.wire.access import Scope

ActorKind = Literal["person", "agent", "module", "system"]


class Permission(StrEnum):
    """What an end point or a service asks for. ROBOTS is to see modules and what they do, READ everything else."""

    READ = "read"
    ROBOTS = "robots"
    TASKS = "tasks"
    APPROVE = "approve"
    SHIP = "ship"
    PROJECTS = "projects"
    WORK = "work"
    MODULES = "modules"
    ADMIN = "admin"


_READER = frozenset({Permission.READ, Permission.ROBOTS})
_MEMBER = _READER | {Permission.TASKS}
_MAINTAINER = _MEMBER | {Permission.APPROVE, Permission.SHIP, Permission.PROJECTS}

PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.ADMIN: frozenset(Permission),
    Scope.MAINTAINER: _MAINTAINER,
    Scope.MEMBER: _MEMBER,
    Scope.AGENT: _READER | {Permission.WORK},
    Scope.MODULE: _READER | {Permission.MODULES},
    Scope.READ: _READER,
}
_BOUND = frozenset({Permission.ROBOTS, Permission.MODULES})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, agent, module or the system itself. `id` is the key's or user's id; `name` is what people read.

    `modules`: the only ones it may know of, with what they do; a name stands for its versions (`ocr` for `ocr@2`), too.
    """

    kind: ActorKind
    id: str
    name: str
    scope: Scope
    modules: frozenset[str] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the scope allows; one that is bound to modules may do nothing but their work."""
        return PERMISSIONS[self.scope] if self.modules is None else PERMISSIONS[self.scope] & _BOUND

    def may(self, permission: Permission) -> bool:
        """Whether it is among its permissions."""
        return permission in self.permissions

    def knows(self, module_name: str) -> bool:
        """Whether a module, and what it does, is there for it."""
        return self.modules is None or not self.modules.isdisjoint({module_name, module_name.partition("@")[0]})

    def require(self, permission: Permission) -> None:
        """Raises: Denied, naming what is missing."""
        if not self.may(permission) and self.modules is not None:
            raise Denied(
                f"{self.name} is for the work of {', '.join(sorted(self.modules))} only.",
                code="key_of_modules",
                details={"permission": permission.value, "modules": sorted(self.modules)},
            )
        if not self.may(permission):
            raise Denied(
                f"This needs the permission '{permission}'; {self.name} has the scope '{self.scope}'.",
                code="permission_missing",
                details={"permission": permission.value, "scope": self.scope.value},
            )


SYSTEM = Actor(kind="system", id="system", name="AiWorker", scope=Scope.ADMIN)
