"""What the real servers say of themselves, as a check for what is asked of the fake ones and what they answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

Json = dict[str, Any]

DESCRIPTIONS = Path(__file__).parents[1] / "contract" / "descriptions"


class Broken(AssertionError):
    """Something was asked or answered that the real server does not know."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a description."""

    template: str
    said: Json
    parameters: Mapping[str, Json]

    def check_query(self, query: Mapping[str, str]) -> None:
        known = {name for name, each in self.parameters.items() if each["in"] == "query"}
        if unknown := set(query) - known:
            raise Broken(f"{self.template} takes no {sorted(unknown)}")

    def check_type(self, content_type: str) -> None:
        known = self.said.get("consumes") or ["*/*"]
        if "*/*" not in known and content_type not in known:
            raise Broken(f"{self.template} takes no body of the type {content_type}")

    def answer(self) -> Json | None:
        """The schema of a good answer."""
        return next(
            (self.said["responses"][code].get("schema") for code in ("200", "201") if code in self.said["responses"]),
            None,
        )

    def body(self) -> Json | None:
        """The schema of the request's body."""
        return next((each.get("schema") for each in self.parameters.values() if each["in"] == "body"), None)


class Description:
    """A trimmed description."""

    def __init__(self, name: str) -> None:
        self._known: Json = json.loads((DESCRIPTIONS / name).read_text())
        self._strict: Json = {name: strict(each) for name, each in self._known["definitions"].items()}
        self._validators: dict[str, Any] = {}

    def operation(self, method: str, path: str) -> Operation:
        """Raises: Broken if the real server has none."""
        asked = path
        if path.startswith("/apis/argoproj.io/") and "/namespaces/" in self._template_of_application(path):
            asked = path.replace("/apis/argoproj.io/v1alpha1", "/apis/apps/v1").replace("/applications", "/deployments")
        for template, operations in self._known["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), asked) and method.lower() in operations:
                said = operations[method.lower()]
                every = [*operations.get("parameters", ()), *said.get("parameters", ())]
                resolved = [self._resolved(each) for each in every]
                return Operation(template, said, {each["name"]: each for each in resolved})
        raise Broken(f"the real server knows no {method} {path}, or the extract lacks it")

    def check(self, instance: Any, schema: Json | None, what: str) -> None:
        """Raises: Broken."""
        if schema is None:
            return
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {"definitions": self._strict, **strict(schema)}
            self._validators[key] = jsonschema_rs.validator_for(
                {"$schema": "http://json-schema.org/draft-07/schema#", **whole}
            )
        _check(self._validators[key], instance, what)

    def definition(self, kind: str, instance: Any, what: str) -> None:
        """Raises: Broken."""
        self.check(instance, {"$ref": f"#/definitions/{kind}"}, what)

    def of_kind(self, api_version: str, kind: str) -> str:
        """The name of a kind's definition, as its list's or its own operations refer to it."""
        group, _, version = api_version.rpartition("/")
        for name in self._strict:
            parts = name.split(".")
            if parts[-1] == kind and parts[-2] == version and (not group or group.split(".")[0] in parts):
                return name
        raise Broken(f"no definition of {api_version} {kind}")

    def _resolved(self, parameter: Json) -> Json:
        if "$ref" not in parameter:
            return parameter
        return self._known["parameters"][parameter["$ref"].rpartition("/")[2]]

    @staticmethod
    def _template_of_application(path: str) -> str:
        return path if re.fullmatch(r"/apis/argoproj\.io/v1alpha1/namespaces/[^/]+/applications(/[^/]+)?", path) else ""


@cache
def kubernetes() -> Description:
    """The API server."""
    return Description("kubernetes.json")


@cache
def argocd() -> Description:
    """Argo CD's own API."""
    return Description("argocd.json")


@cache
def _application() -> Any:
    schema = strict(json.loads((DESCRIPTIONS / "application.json").read_text()))
    schema["properties"]["metadata"] = {"type": "object"}
    return jsonschema_rs.validator_for({"$schema": "http://json-schema.org/draft-07/schema#", **schema})


def check_object(manifest: Json) -> None:
    """Hold an object to the schema of its kind. Raises: Broken."""
    what = f"{manifest.get('kind')} {manifest.get('metadata', {}).get('name')}"
    if manifest.get("kind") == "Application":
        _check(_application(), manifest, what)
        return
    known = kubernetes()
    known.definition(known.of_kind(str(manifest.get("apiVersion")), str(manifest.get("kind"))), manifest, what)


def _check(validator: Any, instance: Any, what: str) -> None:
    wrong = next(iter(validator.iter_errors(instance)), None)
    if wrong is not None:
        raise Broken(f"{what}: {'.'.join(map(str, wrong.instance_path))}: {wrong.message}"[:500])


def strict(schema: Any) -> Any:
    """A schema that lets no unknown field through."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(each) for name, each in schema.items() if name != "properties"}
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {name: strict(each) for name, each in schema["properties"].items()}
        if "additionalProperties" not in made and not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    if made.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        made.pop("format", None)
        made["type"] = ["string", "integer"]
    return made
