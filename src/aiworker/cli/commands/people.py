"""`people link|list|unlink`: who people of Gitea are here."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from aiworker.cli.client import connect
from aiworker.cli.output import Json, ago, print_json, print_table, say
from aiworker.wire.access import ForgePerson, LinkForgePerson

app = App(name="people", help="Who people of Gitea are here, and what their reviews may do.")

_MOST = 500
Login = Annotated[str, Parameter(help="Their login in Gitea.")]


@app.command
def link(
    login: Login,
    /,
    *,
    role: Annotated[
        Literal["maintainer", "member", "read"],
        Parameter(help="A maintainer's approval in Gitea approves, a member's remarks are heard."),
    ] = "member",
    name: Annotated[str | None, Parameter(help="What they are called here; by default their login.")] = None,
    json: Json = False,
) -> None:
    """Let what somebody does in Gitea count here. Linked already: the role and the name are set anew."""
    with connect() as server:
        data = server.post("forge-people", body=LinkForgePerson(login=login, role=role, name=name))
    if json:
        print_json(data)
    else:
        person = ForgePerson.model_validate(data)
        say(f"{person.login} is {person.name} here, as {person.role}.")


@app.command(name="list")
def list_people(*, json: Json = False) -> None:
    """List the linked logins."""
    with connect() as server:
        data = server.get("forge-people", limit=_MOST)
    if json:
        print_json(data)
        return
    people = [ForgePerson.model_validate(item) for item in data]
    rows = [(person.login, person.name, person.role, ago(person.created_at)) for person in people]
    print_table(("LOGIN", "NAME", "ROLE", "LINKED"), rows, empty="Nobody is linked; `aiworker people link LOGIN` does.")


@app.command
def unlink(login: Login, /) -> None:
    """Only record what a login does in Gitea from now on."""
    with connect() as server:
        server.delete("forge-people", login)
    say(f"{login} is not linked any more.")
