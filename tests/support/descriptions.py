"""A server's own description of its API, to hold a fake and the clients that talk to it to the real thing."""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[1] / "contract/descriptions"
_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class Description:
    """What `tests/contract/descriptions/{name}.json` tells. `always`: statuses that any operation may answer."""

    def __init__(self, name: str, *, always: frozenset[int]) -> None:
        self._told: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
        self._always = always

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        # A path with fewer placeholders goes first: `/pulls/pinned` is no `/pulls/{index}`.
        paths = sorted(self._told["paths"], key=lambda path: path.count("{"))
        return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path) for path in paths]

    def problems(self, method: str, path: str, query: dict[str, str], body: Any, status: int, answer: Any) -> list[str]:
        """What of one exchange is not in the description; `path` is below the base path."""
        operation = self._operation(method, path)
        asked = f"{method} {path}"
        if operation is None:
            return [f"{asked}: there is no such operation"]
        known = {one["name"]: one for one in operation["parameters"]}
        found = [f"{asked}: no query parameter {name}" for name in query if known.get(name, {}).get("in") != "query"]
        if body is not None:
            schema = next((one["schema"] for one in known.values() if one["in"] == "body"), None)
            found += [f"{asked}: it takes no body"] if schema is None else self._misfits(asked, schema, body)
        described = operation["responses"].get(str(status))
        if described is None and status not in self._always:
            found.append(f"{asked}: it never answers {status}")
        if described is not None and "schema" in described and answer is not None:
            found += self._misfits(f"{asked} → {status}", described["schema"], answer)
        return found

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for pattern, template in self._patterns:
            if pattern.fullmatch(path) and method.lower() in self._told["paths"][template]:
                return self._told["paths"][template][method.lower()]
        return None

    def _misfits(self, where: str, schema: dict[str, Any], value: Any) -> list[str]:
        if "$ref" in schema:
            schema = self._told["definitions"][schema["$ref"].rpartition("/")[2]]
        kind = schema.get("type", "object" if "properties" in schema else None)
        if value is None or kind is None:
            return []
        if not isinstance(value, _PYTHON[kind]) or (kind == "integer" and isinstance(value, bool)):
            return [f"{where}: {value!r} is no {kind}"]
        if isinstance(value, list):
            return [problem for one in value for problem in self._misfits(f"{where}[]", schema["items"], one)]
        if isinstance(value, dict):
            return self._object_misfits(where, schema, value)
        return []

    def _object_misfits(self, where: str, schema: dict[str, Any], value: dict[str, Any]) -> list[str]:
        fields: dict[str, Any] = schema.get("properties", {})
        others = schema.get("additionalProperties")
        found: list[str] = []
        for name, one in value.items():
            if name in fields:
                found += self._misfits(f"{where}.{name}", fields[name], one)
            elif isinstance(others, dict):
                found += self._misfits(f"{where}.{name}", others, one)
            elif fields and not others:
                found.append(f"{where}: there is no field {name}")
        return found
