"""What the server tells by codes is told on the page in the reader's language; in English in its own words."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from aiworker.delivery.tasks.reasons import after, pull_request_closed
from aiworker.edge.page.sentences import sentences

_ROOT = Path(__file__).parents[4]
_SERVER = _ROOT / "src" / "aiworker"
_SPANISH = _ROOT / "web" / "src" / "shared" / "i18n" / "es"
# What answers a person's request comes from these.
_BEHIND_THE_PAGE = (
    "core",
    "access",
    "delivery",
    "engine",
    "git",
    "edge/api",
    "edge/guards.py",
    "edge/own.py",
    "adapters/forge",
    "adapters/runtime",
)
_TOLD_TO_AGENTS = {
    "agent_of_another_key",
    "approve_not_permitted",
    "attempt_missing",
    "attempt_of_another_agent",
    "attempt_of_another_task",
    "attempt_over",
    "attempt_parked",
    "attempt_unknown",
    "create_task_not_permitted",
    "not_for_agents",
    "question_pending",
    "task_missing",
    "tool_not_allowed",
    "usage_not_total",
}
_TOLD_TO_PROGRAMS = {
    "body_invalid",
    "client_silent",
    "content_type_invalid",
    "cursor_invalid",
    "event_incomplete",
    "git_dumb",
    "git_path_unknown",
    "no_agent_pool",
    "pack_too_large",
    "text_invalid",
}
_TOLD_TO_WHOEVER_RUNS_THE_SERVER = {
    "ambiguous",
    "answer_lost",
    "home_differs",
    "login_unknown",
    "secret_key_changed",
    "secret_key_damaged",
    "secret_key_differs",
    "setting_invalid",
}
# Rows from before hold them; nothing of today says them.
_IN_OLDER_ROWS = {"step_failed"}
# Its words reach whoever uses git there, who has no page.
_TOLD_BY_GIT = {"adapters/forge/packs.py"}
# Who takes a sentence, and under which names one is kept.
_SPEAKERS = {"Saying", "RolloutFailed"}
_KEPT_WORDS = {"detail", "error", "error_message", "preview_error", "reason", "why"}
_CODE = re.compile(r'(?:code(?:: [^=\n]+)?\s*=\s*|envelope\()"([a-z_0-9]+)"')
_WORDS = re.compile(r"^  (\w+):(?: '|$)", re.MULTILINE)


def _files(place: str) -> Iterable[Path]:
    path = _SERVER / place
    return path.rglob("*.py") if path.is_dir() else [path]


def _codes(place: str) -> Iterator[str]:
    for file in _files(place):
        yield from _CODE.findall(file.read_text(encoding="utf-8"))


def _refusals() -> set[str]:
    return set(_WORDS.findall((_SPANISH / "refusals.ts").read_text(encoding="utf-8")))


def _said_by_the_page_itself() -> set[str]:
    frame = (_SPANISH / "frame.ts").read_text(encoding="utf-8")
    return set(_WORDS.findall(frame[frame.index("export const problem") :]))


def test_every_refusal_that_people_can_meet_has_words_in_spanish() -> None:
    met = {code for place in _BEHIND_THE_PAGE for code in _codes(place)}
    met -= _TOLD_TO_AGENTS | _TOLD_TO_PROGRAMS | _TOLD_TO_WHOEVER_RUNS_THE_SERVER
    missing = met - _refusals() - _said_by_the_page_itself()
    assert missing == set(), "add them to web/src/shared/i18n/es/refusals.ts"


def test_no_words_are_kept_for_a_refusal_that_is_gone() -> None:
    assert _refusals() - set(_codes(".")) == _IN_OLDER_ROWS


def _values_needed() -> dict[str, set[str]]:
    """What of an error's details its words in Spanish need; of `said` every error has some."""
    spanish = (_SPANISH / "refusals.ts").read_text(encoding="utf-8")
    words = re.findall(r"^  (\w+):\s+'(.*)',$", spanish, re.MULTILINE)
    return {code: {*re.findall(r"{{(\w+)}}", text)} - {"said"} for code, text in words}


def _keys(details: ast.expr) -> set[str]:
    """The names in a dictionary that is written out there."""
    keys = details.keys if isinstance(details, ast.Dict) else []
    return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def _raised(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every error that is made with words of its own, with its code: where it is raised, or in its class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            codes = [
                line.value.value
                for line in node.body
                if isinstance(line, ast.Assign)
                and ast.unparse(line.targets[0]) == "default_code"
                and isinstance(line.value, ast.Constant)
            ]
            made = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
            yield from (
                (call, str(code)) for code in codes for call in made if ast.unparse(call.func) == "super().__init__"
            )
        elif isinstance(node, ast.Call):
            codes = [
                word.value.value
                for word in node.keywords
                if word.arg == "code" and isinstance(word.value, ast.Constant)
            ]
            yield from ((node, str(code)) for code in codes)


def test_every_error_brings_along_the_values_that_its_words_in_spanish_need() -> None:
    needed, lacking = _values_needed(), list[str]()
    for file in (file for place in _BEHIND_THE_PAGE for file in _files(place)):
        if (name := str(file.relative_to(_SERVER))) in _TOLD_BY_GIT:
            continue
        for call, code in _raised(ast.parse(file.read_text(encoding="utf-8"))):
            own = call.args and isinstance(call.args[0], ast.JoinedStr | ast.Constant)
            details = [_keys(word.value) for word in call.keywords if word.arg == "details"]
            if own and needed.get(code, set()) - set().union(*details):
                lacking.append(f"{name}:{call.lineno} {code}")
    assert lacking == [], "the page would show the server's English"


def test_no_refusal_of_today_is_told_in_spanish_by_its_english_words() -> None:
    spanish = (_SPANISH / "refusals.ts").read_text(encoding="utf-8")
    quoting = set(re.findall(r"^  (\w+):\s+'.*{{said}}", spanish, re.MULTILINE))
    # A roll-out fails by a sentence, which has words; older rows have its code only.
    assert quoting == {"rollout_failed"}


def test_every_sentence_that_the_server_says_has_words_in_spanish() -> None:
    spanish = (_SPANISH / "sayings.ts").read_text(encoding="utf-8")
    known = set(_WORDS.findall(spanish[: spanish.index("export const fields")]))
    assert known == {sentence.code for sentence in sentences()}


def _spoken_without_a_code(file: Path) -> Iterator[str]:
    """Our own words in what is kept for people to read later: only what others said goes there without a code."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        kept = [word.value for word in node.keywords if word.arg in _KEPT_WORDS]
        told = any(word.arg == "told" for word in node.keywords)
        said = [*(node.args[:1] if name in _SPEAKERS else []), *([] if told else kept)]
        if any(isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and one.value) for one in said):
            yield f"{file.relative_to(_SERVER)}:{node.lineno}"


def test_what_is_kept_for_people_to_read_is_never_our_english_without_a_code() -> None:
    places = (_SERVER / room for room in ("delivery", "engine", "adapters/runtime"))
    found = [line for place in places for file in place.rglob("*.py") for line in _spoken_without_a_code(file)]
    assert found == [], "say it by a Sentence, so that the page can say it in Spanish"


def _refused_without_a_code(file: Path) -> Iterator[str]:
    """A validator's English that pydantic would hand on as it is."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name("ValueError"))):
                yield f"{file.relative_to(_SERVER)}:{node.lineno}"
            case _:
                pass


def test_what_people_send_is_never_refused_by_a_validator_in_our_english_without_a_code() -> None:
    found = [line for room in ("wire", "edge") for file in _files(room) for line in _refused_without_a_code(file)]
    assert found == [], "raise RuleBroken with a rule of wire/rules.py, so that the page can say it in Spanish"


def test_a_sentence_is_stored_in_english_with_its_code_and_values() -> None:
    said = pull_request_closed(7, "ada")
    assert said.words == "pull request #7 was closed by ada"
    assert said.told == {"code": "pull_request_closed", "values": {"number": 7, "by": "ada"}}
    assert after(["SHOP-9"], until="production").words == "after SHOP-9 in production"
