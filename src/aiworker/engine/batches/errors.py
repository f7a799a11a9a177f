"""What can be wrong with a batch."""

from aiworker.core.errors import NotFound


class BatchNotFound(NotFound):
    """No robots were ever submitted under that correlation id."""

    default_code = "batch_not_found"

    def __init__(self, correlation_id: str) -> None:
        super().__init__(f"There is no batch {correlation_id[:60]!r}.", details={"correlationId": correlation_id[:60]})
