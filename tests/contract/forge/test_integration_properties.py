"""Whatever small changes are picked: all or nothing, as foreseen, and taking them back gives back the very tree."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aiworker.delivery.ports.forge import Conflicted, Integration, Pick
from tests.contract.forge.conftest import GITS_OWN, AnyForge
from tests.support.checkouts import Checkout

pytestmark = pytest.mark.parametrize("forge", GITS_OWN, indirect=True)

NAMES = ("a.txt", "b.txt", "dir/c.txt")
LINES = 30
START = {name: [f"{name} {n}" for n in range(LINES)] for name in NAMES}

Change = tuple[str, str, int, str]
CHANGES = st.tuples(
    st.sampled_from((*NAMES, "new.txt")),
    st.sampled_from(("replace", "insert", "remove", "delete", "rename")),
    st.integers(0, LINES - 1),
    st.sampled_from(("x", "y", "z")),
)
BOTH: list[Change] = [("a.txt", "replace", 0, "y"), ("b.txt", "replace", 0, "y")]
TASKS = st.lists(st.lists(CHANGES, min_size=1, max_size=3), min_size=1, max_size=4)


def changed(files: dict[str, list[str]], changes: list[Change]) -> dict[str, list[str]]:
    result = {name: list(lines) for name, lines in files.items()}
    for name, kind, wanted, word in changes:
        lines = result.setdefault(name, [f"start of {name}"])
        at = min(wanted, len(lines) - 1)
        match kind:
            case "replace":
                lines[at] = word
            case "insert":
                lines.insert(at, word)
            case "remove" if len(lines) > 1:
                del lines[at]
            case "delete":
                del result[name]
            case "rename":
                result[f"{word}-{at}.txt"] = result.pop(name)
            case _:
                pass
    return result


@pytest.fixture
def numbers() -> Iterator[int]:
    return itertools.count()


def commit_all(upstream: Checkout, branch: str, files: dict[str, list[str]]) -> str:
    upstream.git("switch", "--quiet", "--create", branch, "main")
    upstream.git("rm", "--quiet", "-r", ".")
    for name, lines in files.items():
        upstream.write(name, "".join(f"{line}\n" for line in lines))
    return upstream.commit(branch)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(tasks=TASKS)
@example(tasks=[[("a.txt", kind, 0, word)] for kind, word in (("replace", "x"), ("rename", "x"), ("replace", "y"))])
@example(tasks=[[("a.txt", "replace", 0, "x")], [("b.txt", "replace", 0, "x")], BOTH])
async def test_what_goes_in_is_foreseen_and_taking_it_back_gives_back_the_very_tree(
    forge: AnyForge, shop: str, upstream: Checkout, numbers: Iterator[int], tasks: list[list[Change]]
):
    run = next(numbers)
    if run == 0:
        upstream.switch("main")
        upstream.git("rm", "--quiet", "-r", ".")
        for name, lines in START.items():
            upstream.write(name, "".join(f"{line}\n" for line in lines))
        upstream.commit("Start")
        await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    onto = upstream.head("main")
    picks: list[Pick] = []
    for number, changes in enumerate(tasks):
        name = f"task-{run}-{number}"
        commit = commit_all(upstream, name, changed(START, changes))
        await forge.fetch_upstream(shop, source=upstream.source, branch=name)
        picks.append(Pick(commit, name, name))

    foreseen = await forge.foresee(shop, onto=onto, picks=picks)
    shipped: Integration | Conflicted
    try:
        shipped = await forge.integrate(shop, branch=f"try/{run}", onto=onto, picks=picks)
    except Conflicted as conflict:
        shipped = conflict
    if isinstance(shipped, Conflicted):
        assert foreseen[0].label == shipped.label
        # The file may have got another name by then, and one more task may be in the way in another file.
        renamed = any(kind == "rename" for changes in tasks for _, kind, *_ in changes)
        assert renamed or set(foreseen[0].files) <= set(shipped.files)
        assert await forge.head(shop, f"try/{run}") is None
        return
    assert foreseen == []
    back = await forge.revert(
        shop, branch=f"back/{run}", onto=shipped.head, commits=shipped.commits, message="Roll back"
    )
    again = await forge.integrate(shop, branch=f"again/{run}", onto=back.head, picks=picks)

    assert len(shipped.commits) == len(picks)
    assert (await forge.diff(shop, base=onto, head=back.head)).files == ()
    assert (await forge.diff(shop, base=shipped.head, head=again.head)).files == ()
