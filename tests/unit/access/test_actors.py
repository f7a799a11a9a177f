from dataclasses import replace

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
    assert actor(Scope.AGENT).permissions == {Permission.READ, Permission.ROBOTS, Permission.WORK}


def test_one_that_is_bound_to_modules_sees_and_does_their_work_and_nothing_else() -> None:
    bound = replace(actor(Scope.MODULE), modules=frozenset({"ocr", "mail@2"}))
    assert bound.permissions == {Permission.ROBOTS, Permission.MODULES}
    with pytest.raises(Denied, match=r"ana is for the work of mail@2, ocr only\.") as refused:
        bound.require(Permission.READ)
    assert refused.value.code == "key_of_modules"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("ocr", True),
        ("ocr@2.0", True),
        ("ocrs", False),
        ("ocr2@1", False),
        ("mail@2", True),
        ("mail@3", False),
        ("mail", False),
        ("", False),
    ],
)
def test_a_name_stands_for_its_versions(name: str, known: bool) -> None:
    assert replace(actor(Scope.MODULE), modules=frozenset({"ocr", "mail@2"})).knows(name) is known
    assert actor(Scope.MODULE).knows(name)


def test_the_system_may_do_everything() -> None:
    assert SYSTEM.permissions == set(Permission)
