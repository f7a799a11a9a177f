"""What would come of an integration, asked before anybody makes it."""

import pytest

from aiworker.core.errors import Invalid, NotFound
from aiworker.delivery.ports.forge import Clash, Pick
from tests.contract.forge.conftest import GITS_OWN, AnyForge, Branch
from tests.support.checkouts import Checkout

pytestmark = pytest.mark.parametrize("forge", GITS_OWN, indirect=True)


def pick(commit: str, label: str, *carried: str) -> Pick:
    return Pick(commit, f"{label}: change", label, carried=carried)


async def test_tasks_that_go_in_together_are_foreseen_without_a_clash(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one, two = await branch("one", a__txt="a\n"), await branch("two", readme__md="one\ntwo\nTHREE\n")
    assert await forge.foresee(shop, onto=upstream.head(), picks=[pick(one, "SHOP-1"), pick(two, "SHOP-2")]) == []


async def test_every_task_that_does_not_go_in_is_told_with_the_first_that_is_in_its_way(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", readme__md="ONE\ntwo\nthree\n", app__py="1\n")
    two = await branch("two", readme__md="UNO\ntwo\nthree\n", app__py="2\n")
    three = await branch("three", app__py="3\n")

    picks = [pick(one, "SHOP-1"), pick(two, "SHOP-2"), pick(three, "SHOP-3")]
    assert await forge.foresee(shop, onto=upstream.head(), picks=picks) == [
        Clash("SHOP-2", "SHOP-1", ("app.py", "readme.md")),
        Clash("SHOP-3", "SHOP-1", ("app.py",)),
    ]


async def test_a_task_that_is_in_the_way_of_a_later_one_is_found_behind_one_that_is_not(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    text = "".join(f"line {n}\n" for n in range(30))
    upstream.commit("Longer", long__txt=text)
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    one = await branch("one", long__txt=text.replace("line 2\n", "line two\n"))
    two = await branch("two", long__txt=text.replace("line 20\n", "line twenty\n"))
    three = await branch("three", long__txt=text.replace("line 20\n", "line zwanzig\n"))

    picks = [pick(one, "SHOP-1"), pick(two, "SHOP-2"), pick(three, "SHOP-3")]
    found = await forge.foresee(shop, onto=upstream.head(), picks=picks)
    assert found == [Clash("SHOP-3", "SHOP-2", ("long.txt",))]


async def test_what_clashes_with_what_is_there_is_told_once(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    task, other = await branch("task", readme__md="ONE\n"), await branch("other", readme__md="UNO\n")
    there = await branch("there", readme__md="1\n")

    found = await forge.foresee(shop, onto=there, picks=[pick(task, "SHOP-1"), pick(other, "SHOP-2")])

    assert found == [Clash("SHOP-1", None, ("readme.md",)), Clash("SHOP-2", None, ("readme.md",))]


async def test_a_file_where_another_task_has_a_folder_is_foreseen(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    file = await branch("file", docs="a file\n")
    folder = await branch("folder", **{"docs/a.txt": "in a folder\n"})
    found = await forge.foresee(shop, onto=upstream.head(), picks=[pick(file, "SHOP-1"), pick(folder, "SHOP-2")])
    assert [(clash.label, clash.beside) for clash in found] == [("SHOP-2", "SHOP-1")]


async def test_a_task_built_on_another_does_not_clash_with_it(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    base = await branch("base", readme__md="ONE\ntwo\nthree\n")
    built = await branch("built", at="base", readme__md="EINS\ntwo\nthree\n")
    picks = [pick(base, "SHOP-1"), pick(built, "SHOP-2")]
    assert await forge.foresee(shop, onto=upstream.head(), picks=picks) == []
    shipped = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=picks[:1])
    carrying = pick(built, "SHOP-2", base)
    assert await forge.foresee(shop, onto=shipped.head, picks=[carrying]) == []


async def test_looking_ahead_makes_nothing(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    one, two = await branch("one", readme__md="ONE\n"), await branch("two", readme__md="UNO\n")
    before = await forge.head(shop, "main")
    first = await forge.foresee(shop, onto=upstream.head(), picks=[pick(one, "SHOP-1"), pick(two, "SHOP-2")])
    again = await forge.foresee(shop, onto=upstream.head(), picks=[pick(one, "SHOP-1"), pick(two, "SHOP-2")])
    assert first == again
    assert await forge.head(shop, "main") == before
    made = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one, "SHOP-1")])
    with pytest.raises(NotFound):
        await forge.get_commit(shop, made.head[::-1])


async def test_looking_ahead_is_checked_like_an_integration(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", a__txt="a\n")
    with pytest.raises(NotFound):
        await forge.foresee(shop, onto=upstream.head(), picks=[pick("1" * 40, "SHOP-1")])
    with pytest.raises(Invalid):
        await forge.foresee(shop, onto="main", picks=[pick(one, "SHOP-1")])
    with pytest.raises(Invalid):
        await forge.foresee(shop, onto=upstream.head(), picks=[pick(one, f"SHOP-{n}") for n in range(201)])
    assert await forge.foresee(shop, onto=upstream.head(), picks=[]) == []
