"""The repository of the demonstration: a small shop with a history, and the change that its task asks for."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from aiworker.git.environment import local_environment

START_COMMAND = "python3 app.py"
TEST_COMMAND = "python3 -m unittest"

TASK_TITLE = "Show prices with tax"
TASK_DESCRIPTION = """\
Customers see net prices ("€8.50 plus tax") and have to do the sum themselves.

Show what they pay, and say which tax is in it. A test should hold the sum.
"""
QUESTION = "Which tax rate should the price include?"
CHOICES = {"21 %": "The general rate", "10 %": "The reduced rate for food and drink"}
ANSWER = "21 %"

# What the shop's page says before the change, and after it with `ANSWER`.
OLD_MARKER = "plus tax"
NEW_MARKER = "incl. 21 % tax"

_SHOP = files("aiworker.cli.demo") / "shop"


@dataclass(frozen=True, slots=True)
class _Commit:
    author: str
    date: str
    message: str
    files: dict[str, str]


def make_sample_repository(path: Path) -> None:
    """Make the shop's repository in `path`, which must not exist yet: branch main, five commits, always the same ones.

    Raises: FileExistsError.
    """
    path.mkdir(parents=True)
    _git(path, "init", "--quiet", "--initial-branch=main")
    for commit in _history():
        for name, text in commit.files.items():
            (path / name).write_text(text, encoding="utf-8")
        _git(path, "add", "--all")
        _git(path, "commit", "--quiet", f"--message={commit.message}", by=commit)


def apply_change(clone: Path, answer: str) -> None:
    """Edit the shop as its task asks, with the tax rate that the answer names (`21 %`): code and test.

    Raises: ValueError if the answer names no rate, or the shop is not as it was.
    """
    rate = re.search(r"\d{1,2}", answer)
    if rate is None:
        raise ValueError(f"the answer names no tax rate: {answer!r}")
    percent = int(rate.group())
    gross = _gross(850, percent)
    _edit(
        clone / "catalogue.py",
        {
            "\n\nPRODUCTS = [": f"\n\nTAX_PERCENT = {percent}\n\nPRODUCTS = [",
            '''
def price_label(product: Product) -> str:
    """The price as it stands on the page."""
    return f"{euros(product.cents)} plus tax"
''': '''
def with_tax(cents: int) -> int:
    """A net amount with tax, rounded to the cent."""
    return (cents * (100 + TAX_PERCENT) + 50) // 100


def price_label(product: Product) -> str:
    """The price as it stands on the page: what the customer pays."""
    return f"{euros(with_tax(product.cents))} incl. {TAX_PERCENT} % tax"
''',
        },
    )
    _edit(
        clone / "test_catalogue.py",
        {
            "import PRODUCTS, euros, price_label": "import PRODUCTS, euros, price_label, with_tax",
            '"€8.50 plus tax")\n': f'"€{gross / 100:.2f} incl. {percent} % tax")\n'
            f"""
    def test_tax_is_added_and_rounded_to_the_cent(self) -> None:
        self.assertEqual(with_tax(850), {gross})
        self.assertEqual(with_tax(0), 0)
""",
        },
    )


def _gross(cents: int, percent: int) -> int:
    return (cents * (100 + percent) + 50) // 100


def _history() -> list[_Commit]:
    ana, ben = "Ana Torres <ana@bean-and-leaf.example>", "Ben Okafor <ben@bean-and-leaf.example>"
    readme, catalogue, test = _text("README.md"), _text("catalogue.py"), _text("test_catalogue.py")
    first_readme = readme.partition("\n## Run")[0]
    four_products = "".join(
        line for line in catalogue.splitlines(keepends=True) if not line.startswith(_LATER_PRODUCTS)
    )
    return [
        _Commit(
            ana,
            "2026-09-01T09:12:00+02:00",
            "Say what this shop is going to be",
            {"README.md": first_readme, ".gitignore": "__pycache__/\n"},
        ),
        _Commit(
            ana,
            "2026-09-01T11:40:00+02:00",
            "Write the catalogue down, with its tests",
            {"catalogue.py": four_products, "test_catalogue.py": test},
        ),
        _Commit(
            ben,
            "2026-09-02T10:05:00+02:00",
            "Open the shop window\n\nOne page, served by the standard library: nothing to install.",
            {"app.py": _text("app.py"), "page.html": _text("page.html"), "style.css": "", "README.md": readme},
        ),
        _Commit(ben, "2026-09-02T16:31:00+02:00", "Make it pleasant to look at", {"style.css": _text("style.css")}),
        _Commit(ana, "2026-09-07T08:58:00+02:00", "Sell herbal infusions, too", {"catalogue.py": catalogue}),
    ]


_LATER_PRODUCTS = ('    Product("Garden Mint"', '    Product("Orange Peel"')


def _text(name: str) -> str:
    return (_SHOP / name).read_text(encoding="utf-8")


def _edit(file: Path, replacements: dict[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in replacements.items():
        if text.count(old) != 1:
            raise ValueError(f"{file.name} is not the sample's any more: {old.strip()!r} is not there once")
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def _git(path: Path, *arguments: str, by: _Commit | None = None) -> None:
    environment = local_environment()
    if by is not None:
        name, _, mail = by.author.rstrip(">").partition(" <")
        for role in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": mail, f"GIT_{role}_DATE": by.date}
    program = shutil.which("git") or "git"
    subprocess.run([program, *arguments], cwd=path, env=environment, check=True, capture_output=True)  # noqa: S603
