"""Handlers: what a module's functions take, how they are run, and what their ends look like on the wire."""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from aiworker.sdk.context import Context, Result
from aiworker.sdk.failures import Failure, InvalidInput, fail_of
from aiworker.wire.batches import Ending
from aiworker.wire.engine import Complete
from aiworker.wire.problems import first_problem
from aiworker.wire.robot_types import TypeSettings

logger = logging.getLogger("aiworker.sdk")

Function = Callable[..., Any]
# Where it runs: as a coroutine in the program's event loop, in a thread, or in a process of its own.
Place = Literal["loop", "thread", "process"]


class UnusableResult(InvalidInput):
    """What the handler returned cannot be kept. The next try would return the same, so there is none."""


@dataclass(frozen=True)
class Handler:
    """A function for the robots of a type. `takes`: what its input is read as; None: it takes the context only.
    `gives`: what it says that it returns.
    """

    robot_type: str
    function: Function
    place: Place
    takes: Any
    context_first: bool
    gives: Any = None
    defaults: TypeSettings = field(default_factory=TypeSettings)

    @cached_property
    def _reader(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.takes)

    def arguments(self, ctx: Context) -> tuple[Any, ...]:
        """What the function is called with. Raises: InvalidInput, that names the field."""
        if self.takes is None:
            return (ctx,)
        try:
            data = self._reader.validate_python(ctx.input_data)
        except ValidationError as error:
            raise InvalidInput(f"The input is not usable: {first_problem(error)}") from None
        return (ctx, data) if self.context_first else (data,)

    def settings(self) -> TypeSettings:
        """What the server is told of the type: the schema of its input, so that it refuses what does not fit, and that
        of its result, so that it knows what of it is sensitive."""
        told = {"input_schema": self._input_schema(), "output_schema": self._output_schema()}
        return self.defaults.model_copy(update={name: schema for name, schema in told.items() if schema is not None})

    def _input_schema(self) -> dict[str, Any] | None:
        try:
            return None if _may_be_anything(self.takes) else self._reader.json_schema()
        except PydanticInvalidForJsonSchema:
            return None

    def _output_schema(self) -> dict[str, Any] | None:
        try:
            return None if _may_be_anything(self.gives) else TypeAdapter(self.gives).json_schema(mode="serialization")
        except PydanticUserError:
            # Pydantic has no schema for this annotation, and that is no error.
            return None


def _may_be_anything(kind: Any) -> bool:
    return kind in (None, dict, Any, Result, NoneType) or get_origin(kind) is dict


def handler_of(robot_type: str, function: Function, *, process: bool, defaults: TypeSettings | None = None) -> Handler:
    """Look at a function's signature: `(ctx)`, `(ctx, input)` or `(input)`. Raises: TypeError, if it is another."""
    names = list(inspect.signature(function).parameters)
    hints = get_type_hints(function)
    with_context = bool(names) and (hints.get(names[0]) is Context or names[0] == "ctx")
    inputs = names[1:] if with_context else names
    if len(inputs) > 1 or not names:
        raise TypeError(f"{function.__qualname__} must take a context, an input, or both in this order")
    coroutine = inspect.iscoroutinefunction(function)
    if coroutine and process:
        raise TypeError(f"{function.__qualname__} is a coroutine, which a process of its own does not help")
    takes = hints.get(inputs[0], dict[str, Any]) if inputs else None
    place: Place = "process" if process else "loop" if coroutine else "thread"
    gives = _given(hints.get("return"))
    return Handler(robot_type, function, place, takes, with_context, gives, defaults or TypeSettings())


def _given(returned: Any) -> Any:
    """`Result[Model]` says what the output is, too."""
    return get_args(returned)[0] if get_origin(returned) is Result else returned


def carry_out(handler: Handler, ctx: Context) -> Ending:
    """Run a plain function to its end. Raises: Cancelled."""
    try:
        returned = handler.function(*handler.arguments(ctx))
        return _completed(ctx, returned)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
        return failed(ctx, error)


async def carry_out_async(handler: Handler, ctx: Context) -> Ending:
    """Run a coroutine to its end. Raises: Cancelled, asyncio.CancelledError."""
    try:
        returned = await handler.function(*handler.arguments(ctx))
        return _completed(ctx, returned)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
        return failed(ctx, error)


def failed(ctx: Context, error: Exception) -> Ending:
    """The ending of a try that raised."""
    expected = isinstance(error, Failure)
    logger.warning("robot %s failed: %s", ctx.robot_id, error, exc_info=not expected)
    return Ending(execute_id=ctx.execute_id, fail=fail_of(error, ctx.robot.lease_token))


def _completed(ctx: Context, returned: Any) -> Ending:
    result: Result[Any] = returned if isinstance(returned, Result) else Result(returned)
    try:
        complete = Complete(
            lease_token=ctx.robot.lease_token,
            output_data=_object(result.output),
            completeness_score=result.completeness,
            confidence_score=result.confidence,
        )
    except ValidationError as error:
        raise UnusableResult(f"What the handler returned cannot be kept: {first_problem(error)}") from error
    return Ending(execute_id=ctx.execute_id, complete=complete)


def _object(output: Any) -> dict[str, Any]:
    try:
        plain = {} if output is None else to_jsonable_python(output)
    except (PydanticSerializationError, ValueError) as error:
        raise UnusableResult(f"What the handler returned cannot be written as JSON: {error}") from error
    if not isinstance(plain, dict):
        raise UnusableResult(
            f"A handler returns a dictionary, a model or a dataclass, not a value of type {type(output).__name__}."
        )
    return plain
