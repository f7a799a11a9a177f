"""The OpenAPI description as a page to read: plain HTML, no script, nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 6rem }
h2 { margin: 3rem 0 .5rem; text-transform: capitalize }
details { border-top: 1px solid #8884; padding: .5rem 0 }
summary { cursor: pointer }
code, pre { font: .875rem/1.5 ui-monospace, monospace }
pre { overflow-x: auto; padding: .75rem; background: #8881; border-radius: .5rem }
.method { display: inline-block; width: 4.5rem; font-weight: 600 }
.quiet { opacity: .7 }
table { border-collapse: collapse }
td { padding: .125rem 1rem .125rem 0; vertical-align: top }
"""


def docs_page(schema: Mapping[str, Any]) -> str:
    """One page with every end point, its parameters, its body and its answer."""
    info = schema["info"]
    by_noun: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            noun = (operation.get("tags") or ["other"])[0]
            by_noun.setdefault(noun, []).append("".join(_operation(schema, method, path, operation)))
    body = "".join(f"<h2>{escape(noun)}</h2>{''.join(parts)}" for noun, parts in by_noun.items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style>"
        f"<h1>{escape(info['title'])} API <small class=quiet>{escape(info['version'])}</small></h1>"
        f"<p>{escape(info.get('summary', ''))}</p>"
        "<p>Send a key as <code>Authorization: Bearer aiw_…</code>. "
        'The same as <a href="openapi.json">OpenAPI 3.1</a>.</p>'
        f"{body}</html>"
    )


def _operation(schema: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<details><summary><code><span class=method>{escape(method.upper())}</span>{escape(path)}</code> "
    yield f"<span class=quiet>{escape(operation.get('summary', ''))}</span></summary>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    if parameters := operation.get("parameters"):
        yield "<table>"
        for parameter in parameters:
            yield f"<tr><td><code>{escape(parameter['name'])}</code><td>{escape(parameter['in'])}"
            yield f"<td>{escape(_short(parameter.get('schema', {})))}<td>{escape(parameter.get('description', ''))}"
        yield "</table>"
    if body := operation.get("requestBody"):
        yield f"<p>Body</p><pre>{escape(_shape(schema, _json_of(body)))}</pre>"
    for status, answer in operation.get("responses", {}).items():
        if status.startswith("2") and (shape := _json_of(answer)):
            yield f"<p>Answer {escape(status)}</p><pre>{escape(_shape(schema, shape))}</pre>"
    yield "</details>"


def _json_of(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return part.get("content", {}).get("application/json", {}).get("schema", {})


def _shape(schema: Mapping[str, Any], part: Mapping[str, Any], depth: int = 0) -> str:
    """A schema the way its JSON looks."""
    name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
    known: Mapping[str, Any] = schema.get("components", {}).get("schemas", {}).get(name, part)
    if part.get("type") == "array":
        return f"[{_shape(schema, part.get('items', {}), depth)}, …]"
    if "properties" not in known or depth > 2:  # noqa: PLR2004 (deep enough to read)
        return _short(part)
    pad = "  " * (depth + 1)
    required = set(known.get("required", ()))
    lines = [
        f"{pad}{field}{'' if field in required else '?'}: {_shape(schema, inner, depth + 1)}"
        for field, inner in known["properties"].items()
    ]
    return "{\n" + "\n".join(lines) + f"\n{'  ' * depth}}}"


def _short(part: Mapping[str, Any]) -> str:
    if "$ref" in part:
        return str(part["$ref"]).rsplit("/", 1)[-1]
    if "enum" in part:
        return " | ".join(map(str, part["enum"]))
    for several in ("anyOf", "oneOf"):
        if several in part:
            return " | ".join(_short(one) for one in part[several])
    if part.get("type") == "array":
        return f"[{_short(part.get('items', {}))}, …]"
    return str(part.get("format") or part.get("type") or "any")
