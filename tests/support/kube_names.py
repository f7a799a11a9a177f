"""What the API server refuses with 422, which its description does not tell."""

import re
from typing import Any

Json = dict[str, Any]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?")
_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?")
_AMOUNTS = ("limits", "requests", "hard", "default", "max")


def wrong_with(found: Json) -> str | None:
    """The first thing that is wrong with an object."""
    metadata, kind = found["metadata"], found["kind"]
    rule = {"Namespace": _LABEL, "Service": _SERVICE}.get(kind, _SUBDOMAIN)
    if not rule.fullmatch(metadata["name"]) or len(metadata["name"]) > 253:
        return (
            f'metadata.name: Invalid value: "{metadata["name"]}": a lowercase RFC 1123 label must consist of lower case'
        )
    for name, value in (metadata.get("labels") or {}).items():
        if not _KEY.fullmatch(name) or not _VALUE.fullmatch(value):
            return f'metadata.labels: Invalid value: "{name}={value}"'
    if sum(len(name) + len(value) for name, value in (metadata.get("annotations") or {}).items()) > 262_144:
        return "metadata.annotations: Too long"
    return _wrong_amount(found) or _wrong_deployment(found)


def _wrong_amount(found: Any) -> str | None:
    if isinstance(found, list):
        return next((wrong for each in found if (wrong := _wrong_amount(each))), None)
    if not isinstance(found, dict):
        return None
    for name, each in found.items():
        if name in _AMOUNTS and isinstance(each, dict):
            for what, amount in each.items():
                if not _QUANTITY.fullmatch(str(amount)):
                    return f'{name}.{what}: Invalid value: "{amount}": quantities must match the regular expression'
        elif wrong := _wrong_amount(each):
            return wrong
    return None


def _wrong_deployment(found: Json) -> str | None:
    if found["kind"] != "Deployment":
        return None
    spec = found["spec"]
    labels = spec["template"]["metadata"].get("labels") or {}
    if not spec["selector"]["matchLabels"].items() <= labels.items():
        return "spec.template.metadata.labels: `selector` does not match template `labels`"
    pod = spec["template"]["spec"]
    for container in pod["containers"]:
        if not _LABEL.fullmatch(container["name"]):
            return f'containers[0].name: Invalid value: "{container["name"]}"'
        asked, most = container["resources"]["requests"], container["resources"]["limits"]
        if int(asked["cpu"].rstrip("m")) > int(most["cpu"].rstrip("m")):
            return "containers[0].resources.requests: must be less than or equal to cpu limit"
    return None
