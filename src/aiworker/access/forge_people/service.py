"""Links between logins of the forge and what their people may do here."""

from aiworker.access.actors import Actor
from aiworker.access.forge_people import queries
from aiworker.access.forge_people.records import ForgePersonRecord
from aiworker.core.errors import NotFound
from aiworker.storage.transaction import Tx
from aiworker.wire.access import LinkForgePerson, Scope

_SOMEBODY = "somebody in Gitea"


def actor_of_login(tx: Tx, login: str | None) -> Actor:
    """Who has done something in the forge: with the rights of their link, else with none. None: nobody knows who."""
    if not login:
        return Actor(kind="person", id="gitea", name=_SOMEBODY, scope=Scope.READ)
    known = queries.find(tx, login)
    name, scope = (known.name, known.role) if known else (login, Scope.READ)
    return Actor(kind="person", id=f"gitea:{login}"[:64], name=name[:100], scope=scope)


def link(tx: Tx, wish: LinkForgePerson) -> ForgePersonRecord:
    """What a login does in the forge counts as this person's, with this role; again: changes both."""
    queries.put(tx, wish.login, {"name": wish.name or wish.login, "role": Scope(wish.role)})
    return _get(tx, wish.login)


def unlink(tx: Tx, login: str) -> ForgePersonRecord:
    """What this login does there is only recorded from now on. Raises: NotFound."""
    known = _get(tx, login)
    queries.remove(tx, login)
    return known


def _get(tx: Tx, login: str) -> ForgePersonRecord:
    known = queries.find(tx, login)
    if known is None:
        raise NotFound(f"Nobody is linked to the login {login[:60]!r}.", code="login_unknown")
    return known
