"""Cut a server's own API description (Swagger 2.0) down to the operations that are used here.

    python -m tests.contract.descriptions.trim FULL.json gitea

reads the operations from `gitea.operations` beside this file and writes `gitea.json`.
"""

import json
import sys
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_WORDS = {
    "description",
    "summary",
    "operationId",
    "tags",
    "x-go-name",
    "x-go-package",
    "example",
    "produces",
    "consumes",
}


def trim(full: dict[str, Any], operations: list[str]) -> dict[str, Any]:
    """The given operations (`GET /path`) with all definitions that they lead to, without prose."""
    paths: dict[str, Any] = {}
    for line in operations:
        method, path = line.split()
        operation = full["paths"][path][method.lower()]
        paths.setdefault(path, {})[method.lower()] = {
            "parameters": [_resolved(full, one) for one in operation.get("parameters", [])],
            "responses": {status: _resolved(full, one) for status, one in operation["responses"].items()},
        }
    kept: dict[str, Any] = {}
    wanted = _references(paths)
    while wanted:
        name = wanted.pop()
        kept[name] = full["definitions"][name]
        wanted |= _references(kept[name]) - kept.keys()
    return {
        "info": {"version": full["info"]["version"]},
        "basePath": full.get("basePath", ""),
        "paths": _plain(paths),
        "definitions": _plain(kept),
    }


def _resolved(full: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    found: Any = given
    reference: str = given.get("$ref", "")
    for step in reference.removeprefix("#/").split("/") if reference else ():
        found = (full if found is given else found)[step]
    return found


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {str(value["$ref"]).rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set[str]()
        return own.union(*map(_references, value.values()))
    return set[str]().union(*map(_references, value)) if isinstance(value, list) else set()


def _plain(value: Any, *, names: bool = True) -> Any:
    """Without prose. The keys of `properties` are names of fields, whatever they look like."""
    if isinstance(value, dict):
        return {
            key: _plain(one, names=key in {"properties", "definitions"})
            for key, one in sorted(value.items())
            if names or key not in _WORDS
        }
    return [_plain(one, names=False) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    full = json.loads(Path(sys.argv[1]).read_text())
    lines = (_FOLDER / f"{sys.argv[2]}.operations").read_text().split("\n")
    (_FOLDER / f"{sys.argv[2]}.json").write_text(
        json.dumps(trim(full, [line for line in lines if line]), indent=1, sort_keys=True) + "\n"
    )
