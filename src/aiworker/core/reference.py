"""The reference page of the settings: `python -m aiworker.core.reference` writes docs/reference/settings.md."""

import sys

from aiworker.core.settings import Settings, variable


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def reference() -> str:
    """The reference page, in Markdown."""
    lines = [
        "# Settings",
        "",
        "Environment variables; a file `.env` in the working folder is read, too (the environment goes first).",
        "An empty variable counts as not set. A wrong value stops the start with one sentence that names the variable.",
        "This page is made by `python -m aiworker.core.reference`.",
        "",
        "| Variable | By default | What it does |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in {None, False, ()} else f"`{_written(field.default)}`"
        lines.append(f"| `{variable(name, field)}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
