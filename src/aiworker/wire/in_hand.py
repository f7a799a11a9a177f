"""A robot in the hands of a handler, as far as handlers in the server and outside of it see the same."""

import logging
from collections.abc import Mapping
from typing import Any, Final, Literal

from aiworker.wire.engine import ClaimedRobot

Level = Literal["debug", "info", "warn", "error"]
LOG_LEVELS: Final[Mapping[Level, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
LONGEST_LINE: Final = 4_000


class InHand:
    """What was claimed."""

    def __init__(self, robot: ClaimedRobot) -> None:
        self.robot = robot

    @property
    def robot_id(self) -> str:
        """The robot's id."""
        return self.robot.robot_id

    @property
    def robot_type(self) -> str:
        """What kind of work it is."""
        return self.robot.robot_type

    @property
    def execute_id(self) -> str:
        """The id of this try."""
        return self.robot.execute_id

    @property
    def correlation_id(self) -> str | None:
        """What the robot belongs to."""
        return self.robot.correlation_id

    @property
    def retry_count(self) -> int:
        """How many tries failed before this one."""
        return self.robot.retry_count

    @property
    def input_data(self) -> dict[str, Any]:
        """What is to be done, as it came."""
        return self.robot.input_data
