"""The page's types are those of the REST interface."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_the_types_of_the_page_are_written_from_the_rest_interface_as_it_is(tmp_path: Path) -> None:
    if not (ROOT / "web/node_modules/.bin/openapi-typescript").exists():
        pytest.skip("the page's packages are missing: make setup")
    subprocess.run([ROOT / "scripts/page-types", "anew.d.ts"], cwd=tmp_path, check=True)
    kept = ROOT / "web/src/shared/api/schema.d.ts"
    assert (tmp_path / "anew.d.ts").read_text() == kept.read_text(), "run: npm --prefix web run api"
