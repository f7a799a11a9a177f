"""Who calls at the agents' desk."""

from dataclasses import dataclass

from aiworker.access.actors import Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """An agent at the desk: the key it came with, and which agent it says it is (None: the key's own).

    `attempt`: the execution that the key was made for; then every call is about that one, whatever token it names.
    `address`: where it calls from, for the audit log. `task`: the task that the call names, by id or key; it must be
    the attempt's.
    """

    actor: Actor
    agent_id: str | None = None
    attempt: str | None = None
    address: str | None = None
    task: str | None = None
