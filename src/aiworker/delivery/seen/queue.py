"""The engine's queue in which whoever looks at a project's forge, or tells it something, takes turns."""

from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx


def news_queue(project_id: str) -> str:
    """Its name."""
    return f"forge:{project_id}"


def one_by_one(tx: Tx, engine: Engine, project_id: str) -> str:
    """Its name, once it runs one robot at a time: who looks would take what another just does there for a person's."""
    queue = news_queue(project_id)
    if not engine.queues(tx, [queue]):
        engine.set_queue(tx, queue, paused=False, max_running=1)
    return queue
