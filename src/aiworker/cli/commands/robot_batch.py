"""`robot batch list|show|cancel|retry`."""

from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.client import Server, connect
from aiworker.cli.output import Json, ago, print_json, print_table, say
from aiworker.cli.robotview import follow_batch, print_batch
from aiworker.wire.robot_batches import Batch, BatchMoved
from aiworker.wire.tasks import Reason

app = App(name="batch", help="Robots that were submitted together.")
Id = Annotated[str, Parameter(help="The batch's correlation id.")]


@app.command(name="list")
def list_batches(*, limit: Annotated[int, Parameter(help="At most so many.")] = 20, json: Json = False) -> None:
    """List batches, newest first."""
    with connect() as server:
        data = server.list("robots", "batches", limit=limit)
    if json:
        print_json(data)
        return
    batches = [Batch.model_validate(item) for item in data]
    print_table(
        ("BATCH", "DONE", "OF", "FAILED", "MADE", "BY"),
        [
            (
                batch.correlation_id,
                batch.done,
                batch.total,
                sum(batch.failures.values()),
                ago(batch.made_at),
                batch.made_by,
            )
            for batch in batches
        ],
        empty="No batches.",
    )


@app.command
def show(
    batch: Id,
    /,
    *,
    wait: Annotated[bool, Parameter(negative="", show_default=False, help="Wait until all are over.")] = False,
    json: Json = False,
) -> None:
    """Show how far a batch is."""
    with connect() as server:
        data = follow_batch(server, batch, quiet=json) if wait else server.get("robots", "batches", batch)
    if json:
        print_json(data)
    elif not wait:
        print_batch(Batch.model_validate(data))


@app.command
def cancel(batch: Id, /, *, reason: Annotated[str | None, Parameter(help="Why.")] = None, json: Json = False) -> None:
    """End all robots of a batch that are not over."""
    with connect() as server:
        _move(server, "cancel", batch, Reason(reason=reason) if reason is not None else None, "cancelled", json=json)


@app.command
def retry(batch: Id, /, *, json: Json = False) -> None:
    """Try again what failed in a batch."""
    with connect() as server:
        _move(server, "retry", batch, None, "sent to wait again", json=json)


def _move(server: Server, verb: str, batch: str, body: Reason | None, done: str, *, json: bool) -> None:
    data = server.post("robots", "batches", batch, verb, body=body)
    if json:
        print_json(data)
        return
    moved = BatchMoved.model_validate(data).moved
    say(f"{moved} {'robot' if moved == 1 else 'robots'} {done}.")
