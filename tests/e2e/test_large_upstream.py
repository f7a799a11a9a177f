"""A gigabyte of history goes through the server, not into its memory."""

from pathlib import Path

import pytest
from benchmarks.upstream import MOST_MEGABYTES, measure


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_a_gigabyte_of_history_is_streamed(tmp_path: Path) -> None:
    assert measure(tmp_path, megabytes=1024).server < MOST_MEGABYTES
