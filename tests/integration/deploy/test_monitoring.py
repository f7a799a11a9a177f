"""Rules and dashboard ask for nothing that is not exported."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from aiworker.edge.metrics import Metrics, Standing
from aiworker.storage.cache import Cache
from aiworker.storage.database import Database
from aiworker.storage.outbox.events import Event
from tests.support.kustomize import KUBERNETES

MONITORING = KUBERNETES / "components/monitoring"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((MONITORING / "rules.yaml").read_text())["spec"]["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
HOW_TO = Path(__file__).parents[3] / "docs/how-to/what-to-watch.md"
METRIC = re.compile(r"\b((?:aiworker|process)_[a-z0-9_]+)\s*(\{[^}]*\})?")


EVENTS = [
    Event("system", "r", "robot:status", {"moduleName": "ocr", "transition": "CLAIMED"}),
    Event("p", "t", "task:status_changed", {"newState": "approved"}),
    Event("p", "d", "deploy:failed", {"environment": "staging"}),
]


@pytest.fixture
async def exported(database: Database) -> dict[str, set[str]]:
    """Every series' name, and its labels."""
    metrics, standing = Metrics("test"), Standing(database, Cache(), patience=60)
    metrics.add(standing)
    metrics.request("GET", "/api/tasks", 200, 0.1)
    metrics.committed(EVENTS)
    await standing.look()
    found: dict[str, set[str]] = defaultdict(set)
    for family in metrics.registry.collect():
        # What nobody has yet is described all the same.
        name = f"{family.name}_total" if family.type == "counter" else family.name
        found[name] |= set(getattr(family, "_labelnames", ()))
        for sample in family.samples:
            found[sample.name] |= set(sample.labels)
    return dict(found)


def test_a_query_asks_for_what_is_exported(exported: dict[str, set[str]]) -> None:
    for query in [*(rule["expr"] for rule in RULES), *QUERIES]:
        asked = METRIC.findall(query)
        assert asked, query
        for name, selection in asked:
            assert name in exported, query
            labels = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", selection))
            assert labels <= exported[name] | {"job", "instance"}, query


def test_a_query_is_written_to_its_end() -> None:
    for query in [*(rule["expr"] for rule in RULES), *QUERIES]:
        for opening, closing in ("()", "{}", "[]"):
            assert query.count(opening) == query.count(closing), query
        assert query.count('"') % 2 == 0, query


def test_every_alert_says_how_bad_it_is_and_what_is_the_matter_and_is_explained() -> None:
    text = HOW_TO.read_text()
    for rule in RULES:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"]
        assert f"`{rule['alert']}`" in text, rule["alert"]


def test_every_metric_is_explained(exported: dict[str, set[str]]) -> None:
    text = HOW_TO.read_text()
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exported if name.startswith("aiworker_")}
    assert {name for name in ours if f"`{name}`" not in text} == set()


def test_panels_do_not_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells), panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
