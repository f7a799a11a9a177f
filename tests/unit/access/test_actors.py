import pytest

from aiworker.access.actors import SYSTEM, Actor, Permission
from aiworker.core.errors import Denied
from aiworker.wire.access import Scope


def actor(scope: Scope) -> Actor:
    return Actor(kind="person", id="1", name="ana", scope=scope)


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_may_read(scope: Scope) -> None:
    assert actor(scope).may(Permission.READ)


@pytest.mark.parametrize("permission", [Permission.APPROVE, Permission.SHIP, Permission.PROJECTS, Permission.ADMIN])
@pytest.mark.parametrize("scope", [Scope.MEMBER, Scope.AGENT, Scope.MODULE, Scope.READ])
def test_only_maintainers_and_admins_decide(scope: Scope, permission: Permission) -> None:
    with pytest.raises(Denied, match=f"needs the permission '{permission}'; ana has the scope '{scope}'"):
        actor(scope).require(permission)


def test_an_agent_works_but_does_not_write_tasks_as_people_do() -> None:
    assert actor(Scope.AGENT).permissions == {Permission.READ, Permission.WORK}


def test_the_system_may_do_everything() -> None:
    assert SYSTEM.permissions == set(Permission)
