"""The module: one handler, that takes a document from its name to a JSON file.

python -m examples.documents.module FOLDER OUT [--at-once 2] [--slow SECONDS]
"""

import argparse
import json
import os
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from aiworker.sdk import BusinessFailure, Context, InvalidInput, Module, Result
from examples.documents.invoice import broken_rules, read_invoice
from examples.documents.programs import pages_of, text_of_pdf, text_of_scan

ROBOT_TYPE = "document.read"
KINDS = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
_LARGEST_BYTES = 20 * 1024 * 1024
_MOST_PAGES = 50
# A PDF with less text than this is a picture of one.
_FEW_CHARACTERS = 40


class Document(BaseModel):
    """A robot's input: the name of a file in the module's folder."""

    name: str = Field(min_length=1, max_length=200)


def documents_module(folder: Path, out: Path, *, at_once: int = 2, slow: float = 0.0) -> Module:
    """A module that reads documents of `folder` into `out`. `slow`: seconds that each takes longer, for trials."""
    module = Module("documents", version="1.0", concurrency=at_once, lease_seconds=10, grace_seconds=10)
    out.mkdir(parents=True, exist_ok=True)

    @module.handler(ROBOT_TYPE)
    def read(ctx: Context, document: Document) -> Result:
        note(out, "begun", document.name)
        with ctx.step("check", "VALIDATION") as step:
            path = found(folder, document.name)
            pages = pages_of(path) if path.suffix.lower() == ".pdf" else 1
            step.detail = f"{pages} pages"
            if pages > _MOST_PAGES:
                raise InvalidInput(f"The document has {pages} pages; at most {_MOST_PAGES} are read.")
        ctx.progress(20)
        text, how = "", "text"
        if path.suffix.lower() == ".pdf":
            with ctx.step("take text"):
                text = text_of_pdf(path)
        if len(text.strip()) < _FEW_CHARACTERS:
            how = "scan"
            with ctx.step("read the scan"):
                text = text_of_scan(path)
        ctx.progress(70)
        with ctx.step("find fields"):
            if not text.strip():
                raise InvalidInput("There is no text on the page.")
            invoice = read_invoice(text)
            time.sleep(slow)
        with ctx.step("check rules", "VALIDATION"):
            if wrong := broken_rules(invoice, datetime.now(UTC).date()):
                raise BusinessFailure(" ".join(wrong), details={"rules": wrong})
        with ctx.step("write", "FINALIZATION"):
            fields: dict[str, Any] = {"document": document.name, "read_from": how, **asdict(invoice)}
            write(out / f"{document.name}.json", fields)
            note(out, "written", document.name)
        confidence = 0.99 if how == "text" else 0.8
        return ctx.result(fields, completeness=invoice.completeness, confidence=confidence)

    return module


def found(folder: Path, name: str) -> Path:
    """The file of that name. Raises: InvalidInput; a name that leads out of the folder is none."""
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents or not path.is_file():
        raise InvalidInput(f"There is no document {name!r}.")
    if path.suffix.lower() not in KINDS:
        raise InvalidInput(f"{name} is neither a PDF nor an image.")
    size = path.stat().st_size
    if size == 0:
        raise InvalidInput("The file is empty.")
    if size > _LARGEST_BYTES:
        raise InvalidInput(f"The file has {size:,} bytes; at most {_LARGEST_BYTES:,} are read.")
    return path


def write(path: Path, fields: dict[str, Any]) -> None:
    """The whole file or none: a reader never sees half of it, and a second try only writes the same again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(fields, ensure_ascii=False, indent=2) + "\n")
    draft.replace(path)


def note(out: Path, what: str, name: str) -> None:
    """A line in the module's own ledger: what it did, whatever the server thinks of it."""
    line = json.dumps({"what": what, "document": name, "pid": os.getpid()}) + "\n"
    handle = os.open(out / "ledger.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


if __name__ == "__main__":
    _asked = argparse.ArgumentParser(description="Read the documents of a folder, as a module.")
    _asked.add_argument("folder", type=Path)
    _asked.add_argument("out", type=Path)
    _asked.add_argument("--at-once", type=int, default=2)
    _asked.add_argument("--slow", type=float, default=0.0)
    _given = _asked.parse_args()
    documents_module(_given.folder, _given.out, at_once=_given.at_once, slow=_given.slow).run()
