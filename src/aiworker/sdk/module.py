"""A module: a name, handlers by robot type, and the life of the program that runs them."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr, ValidationError

from aiworker.core.connection import address_and_key
from aiworker.core.errors import AiWorkerError, Invalid
from aiworker.core.settings import ClientSettings, load_settings
from aiworker.sdk.handlers import Function, Handler, handler_of
from aiworker.sdk.journal import Journal
from aiworker.sdk.loop import Habits
from aiworker.sdk.runner import Runner
from aiworker.wire.engine import API_VERSION, NewModule, NewRobot
from aiworker.wire.problems import first_problem
from aiworker.wire.robot_types import TypeSettings

F = TypeVar("F", bound=Function)


class Module:
    """A service that does the robots of its types: declare handlers, then `run()`.

    `concurrency`: robots at a time in this process; start more processes of the same module for more.
    `max_concurrent`: in all its processes together. `max_per_minute`: in all of them, robots that begin within 60
    seconds; both by default as they were set on the server. `prefetch`: robots fetched ahead, if handlers are quick.
    `lease_seconds`: how long the server waits for a sign of life before another may have the robot. `grace_seconds`:
    what running handlers get to finish when the module is stopped.

    `health_port` opens a small HTTP door; `health_endpoint` is its address as the server sees it, by default on this
    machine.
    """

    def __init__(
        self,
        name: str,
        *,
        version: str = "1",
        concurrency: int = 4,
        max_concurrent: int | None = None,
        max_per_minute: int | None = None,
        prefetch: int = 400,
        lease_seconds: int = 60,
        wait_seconds: float = 20.0,
        grace_seconds: float = 30.0,
        health_port: int | None = None,
        health_host: str = "127.0.0.1",
        health_endpoint: str | None = None,
    ) -> None:
        if concurrency < 1 or prefetch < 0:
            raise ValueError("concurrency is at least 1, prefetch at least 0")
        self.name = name
        self.version = version
        limits = {"max_concurrent": max_concurrent, "max_per_minute": max_per_minute}
        # A limit that is not given stays as people have set it.
        self._limits: dict[str, Any] = {name: limit for name, limit in limits.items() if limit is not None}
        self._habits = Habits(
            concurrency=concurrency,
            prefetch=prefetch,
            lease_seconds=lease_seconds,
            wait_seconds=wait_seconds,
            grace_seconds=grace_seconds,
        )
        self._health_port = health_port
        self._health_host = health_host
        self._health_endpoint = health_endpoint
        self._handlers: dict[str, Handler] = {}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By robot type."""
        return dict(self._handlers)

    def handler(
        self,
        robot_type: str,
        *,
        process: bool = False,
        retry_limit: int | None = None,
        backoff_seconds: int | None = None,
        backoff_cap_seconds: int | None = None,
        timeout_seconds: int | None = None,
        min_completeness: float | None = None,
        min_confidence: float | None = None,
    ) -> Callable[[F], F]:
        """Declare a function, or a coroutine, as the handler of a robot type.

        It takes `(ctx)`, `(ctx, input)` or `(input)`, where `input` is a pydantic model, a dataclass or a dictionary,
        and returns a dictionary, a model, a dataclass, nothing, or `ctx.result(…)`. `process`: it computes, so that it
        runs in a process of its own; then it must be importable by its name.

        The server is told the JSON schema of `input`, and refuses robots that do not fit it. `retry_limit`,
        `backoff_seconds`, `backoff_cap_seconds`, `timeout_seconds`: for robots that do not say themselves; by default
        the server's. `min_completeness`, `min_confidence`: results with less wait until a person has looked at them.

        Raises: TypeError, ValueError for a function or a type that cannot be one.
        """

        def declare(function: F) -> F:
            if robot_type in self._handlers:
                raise ValueError(f"There are two handlers for robots of type {robot_type!r}.")
            try:
                NewRobot(robot_type=robot_type, input_data={})
                defaults = TypeSettings(
                    retry_limit=retry_limit,
                    backoff_seconds=backoff_seconds,
                    backoff_cap_seconds=backoff_cap_seconds,
                    timeout_seconds=timeout_seconds,
                    min_completeness=min_completeness,
                    min_confidence=min_confidence,
                )
            except ValidationError as error:
                raise ValueError(f"{robot_type!r} cannot be a robot type: {first_problem(error)}") from None
            self._handlers[robot_type] = handler_of(robot_type, function, process=process, defaults=defaults)
            return function

        return declare

    def run(self, *, url: str | None = None, token: str | None = None) -> None:
        """Work until SIGTERM or Ctrl-C: then finish what runs, or give it back, and return. Does not return if the
        server refuses the module, but ends the program with one sentence.

        `url`, `token`: by default AIWORKER_URL and AIWORKER_TOKEN, or the server of this machine.
        """
        if not logging.getLogger().handlers:
            logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
            for name in ("httpx2", "httpcore2"):
                logging.getLogger(name).setLevel(logging.WARNING)
        try:
            asyncio.run(self._until_signalled(url, token))
        except AiWorkerError as error:
            sys.exit(f"{self.name}: {error.message}")

    async def serve(
        self, stop: asyncio.Event, *, url: str | None = None, token: str | None = None, folder: Path | None = None
    ) -> None:
        """Work inside a program that has an event loop of its own, until `stop` is set.

        `folder`: where endings are kept that the server does not have yet, by default in AIWORKER_HOME.

        Raises: Denied, Unauthenticated or Invalid, if the server does not take the module.
        """
        given = {"server_url": url, "token": None if token is None else SecretStr(token)}
        settings = load_settings(ClientSettings)
        settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
        journal = Journal(folder or settings.home / "modules" / self.name)
        runner = Runner(
            self.registration,
            self._handlers,
            self._habits,
            journal,
            door=None if self._health_port is None else (self._health_host, self._health_port),
        )
        try:
            await runner.run(partial(address_and_key, settings), stop)
        finally:
            journal.close()

    async def _until_signalled(self, url: str | None, token: str | None) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def told() -> None:
            stop.set()
            # Whoever asks twice does not want to wait.
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told)
        await self.serve(stop, url=url, token=token)

    def registration(self, health_endpoint: str | None) -> NewModule:
        """What the server is told of the module. Raises: Invalid, that names the field."""
        described = {robot_type: handler.settings() for robot_type, handler in self._handlers.items()}
        described = {robot_type: told for robot_type, told in described.items() if told != TypeSettings()}
        try:
            return NewModule(
                module_name=self.name,
                module_version=self.version,
                api_version=API_VERSION,
                supported_robot_types=sorted(self._handlers),
                health_endpoint=self._health_endpoint or health_endpoint,
                type_settings=described,
                **self._limits,
            )
        except ValidationError as error:
            raise Invalid(f"This cannot be a module: {first_problem(error)}", code="bad_module") from None
