"""What is told of reviews."""

from aiworker.storage.outbox.events import SYSTEM_FEED, Event


def reviewed(robot_id: str) -> Event:
    """`robot:reviewed`: its result waits for nobody any more."""
    return Event(SYSTEM_FEED, f"robot:{robot_id}", "robot:reviewed", {"robotId": robot_id})
