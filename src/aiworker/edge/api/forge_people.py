"""Who people of the forge are here, for admins."""

from aiworker.access.forge_people import queries
from aiworker.access.forge_people.service import link, unlink
from aiworker.edge.api.context import Admin, Limit
from aiworker.edge.api.routing import api_router
from aiworker.wire.access import ForgePerson, LinkForgePerson
from aiworker.wire.base import Answer, Identifier, ListAnswer

router = api_router("forge-people", "/forge-people")


@router.get("")
async def list_forge_people(caller: Admin, limit: Limit = 500) -> ListAnswer[ForgePerson]:
    """The linked logins."""
    found = await caller.read(queries.list_people, limit=limit)
    return ListAnswer(data=[ForgePerson.model_validate(person) for person in found], count=len(found))


@router.post("", status_code=201)
async def link_forge_person(wish: LinkForgePerson, caller: Admin) -> Answer[ForgePerson]:
    """Let what a login does in the forge count here: a maintainer's approval there approves, a member's does not."""
    person = await caller.change("forge_person.link", wish.login, link, wish)
    return Answer(data=ForgePerson.model_validate(person))


@router.delete("/{login}")
async def unlink_forge_person(login: Identifier, caller: Admin) -> Answer[ForgePerson]:
    """What this login does there is only recorded from now on."""
    person = await caller.change("forge_person.unlink", login, unlink, login)
    return Answer(data=ForgePerson.model_validate(person))
