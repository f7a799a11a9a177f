"""Poppler and Tesseract, Debian's packages poppler-utils and tesseract-ocr: each call has a limit of time."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from aiworker.sdk import Failure, InvalidInput, TimeoutFailure

_DPI = "150"


def pages_of(document: Path) -> int:
    """How many pages a PDF has. Raises: InvalidInput for one that cannot be opened."""
    lines = _run("pdfinfo", [str(document)], seconds=20).splitlines()
    pages = next((line.partition(":")[2].strip() for line in lines if line.startswith("Pages:")), "")
    if not pages.isdecimal():
        raise InvalidInput("The PDF does not say how many pages it has.")
    return int(pages)


def text_of_pdf(document: Path) -> str:
    """The text that a PDF holds as text; empty for a scanned one."""
    return _run("pdftotext", ["-layout", "-enc", "UTF-8", str(document), "-"], seconds=60)


def text_of_scan(document: Path) -> str:
    """The text of the first page, read from its image."""
    with tempfile.TemporaryDirectory() as folder:
        image = document
        if document.suffix.lower() == ".pdf":
            image = Path(folder) / "page.png"
            _run(
                "pdftoppm", ["-r", _DPI, "-gray", "-png", "-singlefile", str(document), str(image.with_suffix(""))], 60
            )
        return _run("tesseract", [str(image), "-", "--psm", "6"], seconds=120)


def _run(program: str, arguments: Sequence[str], seconds: float) -> str:
    try:
        ended = subprocess.run(
            [program, *arguments],
            capture_output=True,
            timeout=seconds,
            check=False,
            # Several robots at a time are already as many threads as there are processors.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        raise TimeoutFailure(f"{program} was not done after {seconds:g} s.") from None
    except FileNotFoundError:
        raise Failure(f"{program} is missing; on Debian: apt-get install poppler-utils tesseract-ocr") from None
    said = ended.stderr.decode(errors="replace").strip()
    if "Incorrect password" in said:
        raise InvalidInput("The document is encrypted: it opens with a password only.")
    if ended.returncode != 0:
        raise InvalidInput(
            f"{program} cannot read the document: {said.splitlines()[0] if said else 'it does not say why'}"
        )
    return ended.stdout.decode(errors="replace")
