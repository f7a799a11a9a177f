"""The page's types are those of the REST interface, and its sentences those that the server says."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_what_the_page_knows_of_the_server_is_written_from_the_server_as_it_is(tmp_path: Path) -> None:
    if not (ROOT / "web/node_modules/.bin/openapi-typescript").exists():
        pytest.skip("the page's packages are missing: make setup")
    subprocess.run([ROOT / "scripts/page-types", tmp_path], check=True)
    for kept in ("api/schema.d.ts", "i18n/sentences.ts"):
        path = ROOT / "web/src/shared" / kept
        assert (tmp_path / path.name).read_text() == path.read_text(), "run: npm --prefix web run api"
