"""Modules and servers that die at named points, in processes of their own; test_named_points.py is the short form."""

from pathlib import Path

import pytest

from tests.faults.points_run import PointsRun, note, rounds
from tests.support.databases import Backend


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_each_point_of_a_module_with_each_of_a_server(tmp_path: Path, backend: Backend) -> None:
    outcome = await PointsRun(backend, tmp_path).go(rounds(cuts=backend != "sqlite"))
    note(outcome)
    assert outcome.verdict, outcome.verdict
