"""The key of an attempt: what the runner hands to the program that works, so that it opens nothing else."""

from datetime import timedelta

from aiworker.access.keys.service import create_key, expire_keys_of, revoke_keys_of
from aiworker.delivery.agents.records import AgentRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope

# After handing in, the key may still log, report costs and look after the preview.
FINISHING_MINUTES = 15


def make_key(tx: Tx, agent: AgentRecord, execute_id: str) -> str:
    """A key for this execution; the ones before end, so that a program that was left behind can do nothing more."""
    revoke_keys_of(tx, execute_id)
    _, text = create_key(tx, name=agent.pod_name[:100], scope=Scope.AGENT, created_by=None, attempt=execute_id)
    return text


def end_keys(tx: Tx, execute_id: str, *, finished: bool) -> None:
    """The attempt has ended: so have its keys, at once or, where the work was handed in, a little later."""
    if finished:
        expire_keys_of(tx, execute_id, tx.now + timedelta(minutes=FINISHING_MINUTES))
    else:
        revoke_keys_of(tx, execute_id)
