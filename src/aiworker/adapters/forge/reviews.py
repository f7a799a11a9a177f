"""What may be said in a review."""

from collections.abc import Sequence

from aiworker.adapters.forge.base import check_text
from aiworker.core.errors import Invalid
from aiworker.delivery.ports.forge import LineComment
from aiworker.git import names

_MAX_COMMENTS = 100
_MAX_LINE = 10_000_000
_MAX_PATH = 4_000


def check_review(commit: str, body: str, comments: Sequence[LineComment]) -> None:
    """Raises: Invalid if it says nothing or too much, or if a line cannot be one."""
    names.check_commit(commit)
    check_text("body of a review", body, empty=True)
    if len(comments) > _MAX_COMMENTS or not (body or comments):
        raise Invalid(
            f"A review has a body or 1 to {_MAX_COMMENTS} comments on lines.",
            code="review_invalid",
            details={"most": _MAX_COMMENTS},
        )
    for one in comments:
        check_text("comment", one.body)
        check_text("path", one.path, most=_MAX_PATH)
        if not 1 <= one.line <= _MAX_LINE:
            raise Invalid("A line is counted from 1.", code="line_invalid")
