"""`module list|show|register|check|reset|drain|switch-on|switch-off|limit|remove`."""

from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.text import Text

from aiworker.cli.client import connect
from aiworker.cli.errors import WrongUse
from aiworker.cli.output import Json, ago, print_fields, print_json, print_table, say
from aiworker.wire.analytics import ModuleHistory
from aiworker.wire.engine import Breaker, BreakerState, HealthStatus, Module, ModuleChanges, NewModule

app = App(name="module", help="Modules: who does which robots, and how well.")

Name = Annotated[str, Parameter(help="The module's name, like ocr or ocr@2.0.")]
_STYLES = {
    HealthStatus.HEALTHY: "green",
    HealthStatus.DEGRADED: "yellow",
    HealthStatus.UNHEALTHY: "red",
    HealthStatus.UNKNOWN: "bright_black",
}
_MARKS = {
    HealthStatus.HEALTHY: "█",
    HealthStatus.DEGRADED: "▄",
    HealthStatus.UNHEALTHY: "▁",
    HealthStatus.UNKNOWN: "·",
}


_TYPES_IN_A_LIST = 4


@app.command(name="list")
def list_modules(*, json: Json = False) -> None:
    """List the modules."""
    with connect() as server:
        data = server.get("modules")
    if json:
        print_json(data)
        return
    print_table(
        ("MODULE", "VERSION", "HEALTH", "SCORE", "WAITING", "RUNNING", "SUCCESS 24 H", "TYPES"),
        [
            (
                one.module_name,
                one.module_version,
                _health(one),
                _score(one),
                one.queued,
                one.running,
                _percent(one.success_rate_24h) or "–",
                _few(one.supported_robot_types),
            )
            for one in map(Module.model_validate, data)
        ],
        empty="No modules yet.",
    )


@app.command
def show(name: Name, /, *, json: Json = False) -> None:
    """Show a module: its health over the last day, its score and its load."""
    with connect() as server:
        data = server.get("modules", name)
        history = server.get("modules", name, "history")
    if json:
        print_json({**data, "history": history})
        return
    module = Module.model_validate(data)
    print_fields(
        {
            "module": f"{module.module_name}, version {module.module_version}",
            "types": ", ".join(module.supported_robot_types),
            "speaks": f"version {module.api_version} of the workers' API",
            "health": _health(module),
            "last 24 h": _strip(ModuleHistory.model_validate(history)),
            "checked": ago(module.last_health_check),
            "last seen": ago(module.last_seen_at),
            "last problem": module.last_error_message,
            "end point": module.health_endpoint,
            "gets": _gets(module.breaker),
            "score": _score(module),
            "success 24 h": _success(module),
            "uptime 24 h": _percent(module.uptime_percentage_24h) or _unknown(module, "nobody had looked yet"),
            "takes": f"{module.avg_processing_time_ms / 1000:.1f} s on average"
            if module.avg_processing_time_ms
            else None,
            "waiting": module.queued,
            "per minute": module.max_per_minute and f"at most {module.max_per_minute}",
            "running": f"{module.running}" + (f" of {module.max_concurrent}" if module.max_concurrent else ""),
            "in all": f"{module.total_robots_processed} robots, {module.total_processing_time_hours:.1f} h",
        }
    )


@app.command
def register(
    name: Name,
    /,
    *,
    type: Annotated[list[str], Parameter(help="What robots it does; may be given more than once.")],  # noqa: A002
    version: str = "1",
    health: Annotated[str | None, Parameter(help="Where it answers whether it is well.")] = None,
    at_once: Annotated[int | None, Parameter(help="Robots under way at a time.")] = None,
    per_minute: Annotated[int | None, Parameter(help="Robots that begin within 60 seconds.")] = None,
    json: Json = False,
) -> None:
    """Register a module, or bring the one of that name up to date. One that uses the SDK does that by itself."""
    limits = {"max_concurrent": at_once, "max_per_minute": per_minute}
    given: dict[str, Any] = {name: limit for name, limit in limits.items() if limit is not None}
    new = NewModule(
        module_name=name,
        module_version=version,
        supported_robot_types=type,
        health_endpoint=health,
        **given,
    )
    with connect() as server:
        data = server.post("modules", body=new)
    if json:
        print_json(data)
        return
    say(f"{name} is registered for {', '.join(type)}.", "green")


@app.command
def check(name: Name, /, *, json: Json = False) -> None:
    """Look at a module now."""
    with connect() as server:
        data = server.post("modules", name, "health-check")
    if json:
        print_json(data)
        return
    module = Module.model_validate(data)
    say(_health(module))
    if module.consecutive_failures and module.last_error_message:
        say(module.last_error_message)


@app.command
def reset(name: Name, /, *, json: Json = False) -> None:
    """Hand out robots to a module freely again, after failures in a row have made that fewer or none."""
    with connect() as server:
        data = server.post("modules", name, "reset")
    if json:
        print_json(data)
        return
    say(f"{name} gets robots as before its failures.", "green")


@app.command
def drain(name: Name, /, *, json: Json = False) -> None:
    """Give a module no new robots, move those that wait, and switch it off when it is empty."""
    with connect() as server:
        data = server.post("modules", name, "drain")
    if json:
        print_json(data)
        return
    module = Module.model_validate(data)
    if not module.is_active:
        say(f"{module.module_name} is empty and switched off.", "green")
        return
    say(f"{module.module_name} gets no new robots; {module.running} under way, {module.queued} still wait there.")
    if module.queued:
        say("Nobody else takes those that wait: they stay until this module does them.", "yellow")


@app.command
def switch_on(name: Name, /, *, json: Json = False) -> None:
    """Let a module get robots again, drained or switched off before."""
    _change(name, ModuleChanges(is_active=True, draining=False), "gets robots again", json=json)


@app.command
def switch_off(name: Name, /, *, json: Json = False) -> None:
    """Hand out nothing more to a module, at once; what it has under way it may finish."""
    _change(name, ModuleChanges(is_active=False), "is switched off", json=json)


@app.command
def limit(
    name: Name,
    /,
    *,
    at_once: Annotated[int | None, Parameter(help="Robots under way at a time; 0: no limit.")] = None,
    per_minute: Annotated[int | None, Parameter(help="Robots that begin within 60 seconds; 0: no limit.")] = None,
    json: Json = False,
) -> None:
    """Limit how many robots a module gets; what is above that waits."""
    given = {"max_concurrent": at_once, "max_per_minute": per_minute}
    changes = ModuleChanges.model_validate(
        {field: value or None for field, value in given.items() if value is not None}
    )
    if not changes.model_fields_set:
        raise WrongUse("Give --at-once or --per-minute.", code="no_limit")
    _change(name, changes, "has its limits", json=json)


@app.command
def remove(name: Name, /) -> None:
    """Remove a module that has no unfinished robots; what it has done stays."""
    with connect() as server:
        server.delete("modules", name)
    say(f"{name} is removed.")


def _change(name: str, changes: ModuleChanges, told: str, *, json: bool) -> None:
    with connect() as server:
        data = server.patch("modules", name, body=changes)
    if json:
        print_json(data)
    else:
        say(f"{name} {told}.", "green")


def _health(module: Module) -> Text:
    if not module.is_active:
        return Text("off", style="bright_black")
    at_rest = module.silent and module.health_status is HealthStatus.UNKNOWN
    word = "not running" if at_rest else module.health_status.lower()
    return Text(f"{word}, draining" if module.draining else word, style=_STYLES[module.health_status])


def _score(module: Module) -> str:
    if module.last_performance_check is None:
        return "not yet"
    return f"{module.performance_score:.2f} {module.performance_tier.lower()}"


def _success(module: Module) -> str:
    share = _percent(module.success_rate_24h)
    return f"{share} ({module.error_count_24h} failed)" if share else _unknown(module, "no try had ended yet")


def _unknown(module: Module, why: str) -> str:
    counted = module.last_performance_check
    return "not counted yet: every 15 minutes" if counted is None else f"{why} {ago(counted)} ago"


def _few(types: list[str]) -> str:
    rest = len(types) - _TYPES_IN_A_LIST
    shown = ", ".join(types[:_TYPES_IN_A_LIST])
    return shown if rest <= 0 else f"{shown} and {rest} more"


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f} %"


def _gets(breaker: Breaker | None) -> Text | None:
    if breaker is None or breaker.state is BreakerState.CLOSED:
        return None
    if breaker.state is BreakerState.FEWER:
        return Text(f"{breaker.allowed} robots at a time: they failed in a row", style="yellow")
    when = f"{breaker.again_at:%H:%M:%S %Z}" if breaker.again_at else "soon"
    return Text(f"nothing: its robots failed in a row; one is tried at {when}", style="red")


def _strip(history: ModuleHistory) -> Text:
    text = Text()
    for status in history.health:
        text.append(_MARKS[status], style=_STYLES[status])
    return text
