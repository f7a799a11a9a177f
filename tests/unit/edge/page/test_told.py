"""What the server tells by codes is told on the page in the reader's language; in English in its own words."""

import re
from pathlib import Path

from aiworker.delivery.tasks.reasons import MEANINGS
from aiworker.delivery.tasks.states import Cause

_ROOT = Path(__file__).parents[4]
_SERVER = _ROOT / "src" / "aiworker"
_PEOPLE_MEET = (
    "access",
    "delivery/groups",
    "delivery/imports",
    "delivery/people",
    "delivery/projects",
    "delivery/questions",
    "delivery/tasks",
)
# Nobody meets these by the page, or only who runs the server: they are told as the server says them.
_IN_ENGLISH = {"ambiguous", "answer_lost", "home_differs", "login_unknown", "secret_key_damaged", "secret_key_differs"}
_GATE = re.compile(r', "([a-z_]+)"(?:, \{|\))')
_CODE = re.compile(r'code\s*=\s*"([a-z_]+)"')
_WORDS = re.compile(r"^  (\w+): '", re.MULTILINE)


def _codes(folder: Path) -> set[str]:
    return {code for path in folder.rglob("*.py") for code in _CODE.findall(path.read_text(encoding="utf-8"))}


def _words() -> set[str]:
    spanish = _ROOT / "web" / "src" / "shared" / "i18n" / "es"
    known = _WORDS.findall((spanish / "refusals.ts").read_text(encoding="utf-8"))
    frame = (spanish / "frame.ts").read_text(encoding="utf-8")
    own = _WORDS.findall(frame[frame.index("export const problem") :])
    return {*known, *own}


def test_every_refusal_that_people_can_meet_has_words_or_is_left_to_the_server_knowingly() -> None:
    met = set[str]().union(*(_codes(_SERVER / place) for place in _PEOPLE_MEET))
    assert met - _words() - _IN_ENGLISH == set(), "add them to web/src/shared/i18n/es/refusals.ts"


def test_no_words_are_kept_for_a_code_that_is_gone() -> None:
    refusals = _ROOT / "web" / "src" / "shared" / "i18n" / "es" / "refusals.ts"
    assert set(_WORDS.findall(refusals.read_text(encoding="utf-8"))) - _codes(_SERVER) == set()


def _spanish(name: str) -> set[str]:
    path = _ROOT / "web" / "src" / "shared" / "i18n" / "es" / name
    return set(_WORDS.findall(path.read_text(encoding="utf-8")))


def test_every_reason_to_wait_and_every_move_has_words() -> None:
    gates = (_SERVER / "delivery" / "people" / "waiting.py").read_text(encoding="utf-8")
    reasons = {code for code, _ in MEANINGS} | set(_GATE.findall(gates)) | {"project_paused", "project_archived"}
    assert _spanish("waiting.ts") == reasons
    # How an attempt ended says more than that it was given back.
    moves = {cause.name.lower() for cause in Cause} - {"give_back"} | {"failed", "lost", "released"}
    assert moves - _spanish("history.ts") == set()
