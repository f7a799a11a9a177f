"""`key create|list|revoke`."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.client import connect
from aiworker.cli.output import Json, ago, print_json, print_table, say
from aiworker.core.errors import Conflict, NotFound
from aiworker.wire.access import CreatedKey, Key, NewKey, Scope

app = App(name="key", help="Keys for people, agents and modules.")

_MOST = 1_000


@app.command
def create(
    *,
    name: Annotated[str, Parameter(help="What it is for; an agent is known by this name.")],
    scope: Annotated[Scope, Parameter(help="What it may do.")],
    module: Annotated[
        list[str] | None,
        Parameter(help="With scope module: the only module it is for, with its versions; once for each.", negative=()),
    ] = None,
    days: Annotated[int | None, Parameter(help="Days until it expires; by default never.")] = None,
    requests_per_minute: Annotated[
        int | None, Parameter(help="How often it may ask; by default as often as everybody.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a key, and print it and nothing else: this is the only time that it is shown."""
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    new = NewKey(name=name, scope=scope, expires_at=expires_at, modules=module, requests_per_minute=requests_per_minute)
    with connect() as server:
        data = server.post("keys", body=new)
    if json:
        print_json(data)
    else:
        sys.stdout.write(CreatedKey.model_validate(data).key + "\n")


@app.command(name="list")
def list_keys(*, json: Json = False) -> None:
    """List the keys, by their first characters."""
    with connect() as server:
        data = server.list("keys", limit=_MOST)
    if json:
        print_json(data)
        return
    keys = [Key.model_validate(item) for item in data]
    print_table(
        ("ID", "NAME", "SCOPE", "BEGINS WITH", "LAST USED", "STATE"),
        [(key.id, key.name, _scope(key), key.prefix, ago(key.last_used_at), _state(key)) for key in keys],
        empty="No keys yet.",
    )


@app.command
def revoke(key: Annotated[str, Parameter(help="Its id, its name or its first characters.")], /) -> None:
    """End a key at once."""
    with connect() as server:
        live = [Key.model_validate(item) for item in server.list("keys", limit=_MOST) if not item.get("revokedAt")]
        found = [each for each in live if key in {each.id, each.name, each.prefix}]
        if not found:
            raise NotFound(f"There is no live key {key}.", code="key_not_found")
        if len(found) > 1:
            raise Conflict(f"{len(found)} keys are called {key}; name one by its id.", code="ambiguous")
        server.delete("keys", found[0].id)
    say(f"{found[0].name} is revoked.")


def _scope(key: Key) -> str:
    return f"{key.scope}: {', '.join(key.modules)}" if key.modules else key.scope


def _state(key: Key) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None:
        return "expired" if key.expires_at <= datetime.now(UTC) else f"until {key.expires_at:%Y-%m-%d}"
    return "live"
