"""Tasks out of CSV and JSON: what is read, and how each wrong row is named."""

import json

import pytest

from aiworker.core.errors import Invalid
from aiworker.delivery.imports.files import MOST_ROWS, FileRow, read_csv, read_json
from aiworker.wire.tasks import TaskComplexity, TaskPriority


def titles(rows: list[FileRow]) -> list[str]:
    return [row.new.title for row in rows]


def problems_of(error: Invalid) -> dict[str, str]:
    return {row["row"]: row["problem"] for row in error.details["rows"]}


def test_columns_are_known_whatever_their_case_and_spacing() -> None:
    text = "Title,DESCRIPTION,Priority,estimated_complexity,Capabilities,Depends on,External ID\n"
    (row,) = read_csv("p", text + 'Tax,"All, of it",High,simple,"react, node",SHOP-1,A7\n')
    assert (row.place, row.own_id, row.new.title, row.new.description) == ("line 2", "A7", "Tax", "All, of it")
    assert row.new.priority is TaskPriority.HIGH
    assert row.new.estimated_complexity is TaskComplexity.SIMPLE
    assert row.new.capabilities == ["react", "node"]
    assert row.new.depends_on == ["SHOP-1"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_separate(separator: str) -> None:
    text = separator.join(["title", "priority"]) + "\r\n" + separator.join(["Tax", "low"]) + "\r\n"
    assert read_csv("p", text)[0].new.priority is TaskPriority.LOW


def test_a_mark_of_utf8_is_no_part_of_the_first_column() -> None:
    assert titles(read_csv("p", "\ufefftitle\nCafé ñandú 漢字\n")) == ["Café ñandú 漢字"]
    assert titles(read_json("p", '\ufeff[{"title": "Tax"}]')) == ["Tax"]


def test_lines_are_counted_as_an_editor_does() -> None:
    text = 'title,description\nFirst,"two\nlines"\n\nSecond,x\n,no title\n'
    with pytest.raises(Invalid) as refused:
        read_csv("p", text)
    assert problems_of(refused.value) == {"line 6": "title: is missing"}


def test_every_wrong_row_is_named_and_the_first_one_told() -> None:
    text = f"title,priority\nGood,low\nBad,soon\n{'x' * 300},low\nMore,low,columns\n"
    with pytest.raises(Invalid, match=r"Nothing was imported: line 3: priority: .* \(2 more\)") as refused:
        read_csv("p", text)
    assert list(problems_of(refused.value)) == ["line 3", "line 4", "line 5"]


def test_the_same_row_twice_is_refused() -> None:
    with pytest.raises(Invalid, match="line 3: is the same as line 2"):
        read_csv("p", "title\nTax\nTax\n")
    with pytest.raises(Invalid, match="item 2: is the same as item 1"):
        read_json("p", '[{"title": "Tax", "id": 1}, {"title": "Other", "id": "1"}]')


def test_a_column_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="'assignee' is not a column; known are id, title"):
        read_csv("p", "title,assignee\nTax,ada\n")


def test_a_file_without_tasks_says_so() -> None:
    for text in ("", "\n\n", "\ufeff"):
        with pytest.raises(Invalid, match="The file is empty"):
            read_csv("p", text)
    with pytest.raises(Invalid, match="holds no task"):
        read_csv("p", "title\n")
    with pytest.raises(Invalid, match="holds no task"):
        read_json("p", "[]")


def test_a_quote_that_is_never_closed_is_told() -> None:
    with pytest.raises(Invalid, match="line 2"):
        read_csv("p", 'title\n"Tax\n')


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "3", '{"tasks": 3}', "null", '"x"'])
def test_what_is_no_list_of_tasks_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_json("p", text)


def test_items_are_named_by_their_place() -> None:
    with pytest.raises(Invalid) as refused:
        read_json("p", json.dumps({"tasks": [{"title": "Good"}, "text", {"title": 3}, {"title": "x\0y"}]}))
    assert list(problems_of(refused.value)) == ["item 2", "item 3", "item 4"]


def test_more_than_fits_is_refused() -> None:
    text = "title\n" + "".join(f"Task {number}\n" for number in range(MOST_ROWS + 1))
    with pytest.raises(Invalid, match="at most 500"):
        read_csv("p", text)
