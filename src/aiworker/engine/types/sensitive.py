"""Which fields of an input are sensitive, and how they look to those who may not see them. All pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

MARK: Final = "x-sensitive"
MASK: Final = "•••"
_DEEPEST = 20
_EVERY = "*"


def marked(schema: Mapping[str, Any]) -> list[str]:
    """JSON pointers of the fields that a schema marks `"x-sensitive": true`; `*` stands for every item of a list."""
    return sorted(set(_marked(schema, schema, "", 0)))


def _marked(part: Any, whole: Mapping[str, Any], path: str, depth: int) -> Iterator[str]:
    if not isinstance(part, dict) or depth > _DEEPEST:
        return
    node = cast("dict[str, Any]", part)
    if node.get(MARK) is True:
        yield path
        return
    for name, inner in _dict(node.get("properties")).items():
        yield from _marked(inner, whole, f"{path}/{_escaped(name)}", depth + 1)
    yield from _marked(node.get("items"), whole, f"{path}/{_EVERY}", depth + 1)
    for keyword in ("allOf", "anyOf", "oneOf"):
        branches = node.get(keyword)
        for inner in cast("list[Any]", branches) if isinstance(branches, list) else []:
            yield from _marked(inner, whole, path, depth + 1)
    if isinstance(reference := node.get("$ref"), str) and reference.startswith("#/"):
        yield from _marked(_at(whole, reference[2:].split("/")), whole, path, depth + 1)


def present(data: Mapping[str, Any], pointers: Sequence[str]) -> list[str]:
    """Those of the pointers that lead to something."""
    return [pointer for pointer in pointers if any(value is not None for value in found(data, pointer))]


def found(data: Mapping[str, Any], pointer: str) -> list[Any]:
    """What a pointer leads to."""
    values: list[Any] = [data]
    for part in _parts(pointer):
        values = [inner for value in values for inner in _inner(value, part)]
    return values


def masked(data: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any]:
    """The same data, with a mask in the place of everything that the pointers lead to."""
    seen: Any = dict(data)
    for pointer in pointers:
        seen = _without(seen, _parts(pointer))
    return seen if isinstance(seen, dict) else {"": MASK}


def _inner(value: Any, part: str) -> list[Any]:
    match value:
        case list() if part == _EVERY:
            return cast("list[Any]", value)
        case dict() if part in value:
            return [cast("dict[str, Any]", value)[part]]
        case _:
            return []


def _without(value: Any, parts: Sequence[str]) -> Any:
    if not parts:
        return MASK
    match value:
        case list() if parts[0] == _EVERY:
            return [_without(inner, parts[1:]) for inner in cast("list[Any]", value)]
        case dict() if parts[0] in value:
            node = cast("dict[str, Any]", value)
            return {**node, parts[0]: _without(node[parts[0]], parts[1:])}
        case _:
            return value


def _at(whole: Any, parts: Sequence[str]) -> Any:
    for part in parts:
        whole = _dict(whole).get(_plain(part))
    return whole


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _parts(pointer: str) -> list[str]:
    return [_plain(part) for part in pointer.split("/")[1:]]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
