"""API keys, for admins."""

from aiworker.access.keys.service import list_keys
from aiworker.core.paging import Cursor
from aiworker.edge.api.context import Admin, CursorText, Limit
from aiworker.edge.api.routing import SECRET_ANSWER, api_router
from aiworker.wire.access import CreatedKey, Key, NewKey
from aiworker.wire.base import Answer, Identifier, ListAnswer

router = api_router("keys", "/keys")


@router.get("")
async def get_keys(caller: Admin, limit: Limit = 100, cursor: CursorText = None) -> ListAnswer[Key]:
    """Keys that people made, newest first; never the keys themselves."""
    keys = await caller.read(list_keys, after=Cursor.decode(cursor), limit=limit)
    last = Cursor(0, keys[-1].created_at, keys[-1].id).encode() if len(keys) == limit else None
    return ListAnswer(data=[Key.model_validate(key) for key in keys], count=len(keys), next_cursor=last)


@router.post("", status_code=201, openapi_extra=SECRET_ANSWER)
async def create_key(new: NewKey, caller: Admin) -> Answer[CreatedKey]:
    """Make a key. This answer is the only one that shows it."""
    key, text = await caller.context.access.create_key(caller.actor, new, address=caller.address)
    return Answer(data=CreatedKey(**Key.model_validate(key).model_dump(), key=text))


@router.delete("/{key_id}")
async def revoke_key(key_id: Identifier, caller: Admin) -> Answer[Key]:
    """End a key at once, with the sessions that it opened."""
    key = await caller.context.access.revoke_key(caller.actor, key_id, address=caller.address)
    return Answer(data=Key.model_validate(key))
