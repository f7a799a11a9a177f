"""Documents to try it with: invoices as text and as scans, and everything that can be wrong with a file.

python -m examples.documents.samples FOLDER [--number 20]
"""

import argparse
import os
import random
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

_PASSWORD_NEEDED = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<%s><%s>]"
# Of twenty: twelve good ones, and one of each that is not.
_MIX = (
    ("text",) * 9
    + ("scan",) * 2
    + ("image",)
    + (
        "broken",
        "cut off",
        "empty",
        "blank",
        "encrypted",
        "huge",
        "many pages",
        "wrong total",
    )
)


def make_samples(folder: Path, number: int = 20, seed: int = 7) -> dict[str, str]:
    """Write documents; what is to come of each, by its name: `COMPLETED`, or the category of its error."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)
    expected: dict[str, str] = {}
    for at in range(number):
        kind = _MIX[at % len(_MIX)]
        name = f"{at:03}-{kind.replace(' ', '-')}.{'png' if kind == 'image' else 'pdf'}"
        make, outcome = _MAKERS[kind]
        make(folder / name, at, dice)
        expected[name] = outcome
    return expected


def _lines(at: int, dice: random.Random, *, off_by: int = 0) -> list[str]:
    net = dice.randint(1_000, 900_000)
    tax = net * 21 // 100
    total = net + tax + off_by
    return [
        "NORTH SEA TRADING",
        f"Invoice number: NST-{2000 + at}",
        f"Date: 2026-0{dice.randint(1, 9)}-{dice.randint(10, 28)}",
        f"Tax id: ES{dice.randint(10_000_000, 99_999_999)}",
        f"Net amount: EUR {net / 100:.2f}",
        f"Tax amount: EUR {tax / 100:.2f}",
        f"Total due: EUR {total / 100:.2f}",
    ]


def pdf(pages: list[list[str]], *, trailer: bytes = b"") -> bytes:
    """A PDF of lines of text, A5, 20 points."""
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids: list[int] = []
    for lines in pages:
        shown = "".join(f"({line}) Tj 0 -34 Td " for line in lines)
        content = f"BT /F1 20 Tf 36 540 Td {shown}ET".encode()
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        stream = len(bodies)
        bodies.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % stream
        )
        kids.append(len(bodies))
    bodies[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    return _assembled(bodies, trailer)


def pdf_of_jpeg(jpeg: bytes) -> bytes:
    """A PDF that is a picture of a page, as scanners make them."""
    frame = jpeg.index(b"\xff\xc0")
    height, width = (int.from_bytes(jpeg[frame + at : frame + at + 2]) for at in (5, 7))
    colours = b"DeviceGray" if jpeg[frame + 9] == 1 else b"DeviceRGB"
    content = b"q 420 0 0 595 0 0 cm /I Do Q"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 3 0 R "
        b"/Resources << /XObject << /I 5 0 R >> >> >>",
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /%s /BitsPerComponent 8 "
        b"/Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream" % (width, height, colours, len(jpeg), jpeg),
    ]
    return _assembled(bodies, b"")


def _assembled(bodies: list[bytes], trailer: bytes) -> bytes:
    written = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(bodies) + 1, table)
    tail = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(written + head + tail % (len(bodies) + 1, trailer, len(written)))


def _text(path: Path, at: int, dice: random.Random) -> None:
    path.write_bytes(pdf([_lines(at, dice)]))


def _image(path: Path, at: int, dice: random.Random, *, kind: str = "-png", dpi: int = 100) -> None:
    draft = path.with_suffix(".draft")
    _text(draft, at, dice)
    subprocess.run(
        ["pdftoppm", kind, "-gray", "-r", str(dpi), "-singlefile", str(draft), str(path.with_suffix(""))], check=True
    )
    draft.unlink()


def _scan(path: Path, at: int, dice: random.Random) -> None:
    _image(path, at, dice, kind="-jpeg")
    picture = path.with_suffix(".jpg")
    path.write_bytes(pdf_of_jpeg(picture.read_bytes()))
    picture.unlink()


def _broken(path: Path, at: int, dice: random.Random) -> None:
    path.write_bytes(dice.randbytes(2_000 + at))


def _cut_off(path: Path, at: int, dice: random.Random) -> None:
    path.write_bytes(pdf([_lines(at, dice)])[:40])


def _empty(path: Path, at: int, dice: random.Random) -> None:
    _ = at, dice
    path.touch()


def _blank(path: Path, at: int, dice: random.Random) -> None:
    _ = at, dice
    path.write_bytes(pdf([[]]))


def _encrypted(path: Path, at: int, dice: random.Random) -> None:
    words = [dice.randbytes(length).hex().encode() for length in (32, 32, 16, 16)]
    path.write_bytes(pdf([_lines(at, dice)], trailer=_PASSWORD_NEEDED % tuple(words)))


def _huge(path: Path, at: int, dice: random.Random) -> None:
    _text(path, at, dice)
    # It has no blocks on disk.
    os.truncate(path, 64 * 1024 * 1024)


def _many_pages(path: Path, at: int, dice: random.Random) -> None:
    path.write_bytes(pdf([_lines(at, dice)] * 400))


def _wrong_total(path: Path, at: int, dice: random.Random) -> None:
    path.write_bytes(pdf([_lines(at, dice, off_by=500)]))


_MAKERS: Mapping[str, tuple[Callable[[Path, int, random.Random], None], str]] = {
    "text": (_text, "COMPLETED"),
    "scan": (_scan, "COMPLETED"),
    "image": (_image, "COMPLETED"),
    "broken": (_broken, "VALIDATION"),
    "cut off": (_cut_off, "VALIDATION"),
    "empty": (_empty, "VALIDATION"),
    "blank": (_blank, "VALIDATION"),
    "encrypted": (_encrypted, "VALIDATION"),
    "huge": (_huge, "VALIDATION"),
    "many pages": (_many_pages, "VALIDATION"),
    "wrong total": (_wrong_total, "BUSINESS"),
}


if __name__ == "__main__":
    _asked = argparse.ArgumentParser(description="Write documents to try the example with.")
    _asked.add_argument("folder", type=Path)
    _asked.add_argument("--number", type=int, default=20)
    _given = _asked.parse_args()
    for _name, _outcome in make_samples(_given.folder, _given.number).items():
        print(f"{_name:32} {_outcome}")
