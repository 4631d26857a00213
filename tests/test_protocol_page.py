"""docs/protocol.md names what the code takes and tells, no more and no less."""

import re
from pathlib import Path
from typing import get_args

import pytest

from conversation.errors import Code
from conversation.events import NAMES, TYPES
from gateway.customer import CustomerConnection
from gateway.notices import NoticeCode
from gateway.staff import StaffConnection

PAGE = (Path(__file__).parents[1] / "docs" / "protocol.md").read_text()


def section(title: str) -> str:
    """The text under a second-level heading."""
    _, _, rest = PAGE.partition(f"\n## {title}\n")
    assert rest, f"there is no section {title}"
    return rest.split("\n## ", 1)[0]


def first_cells(text: str, heading: str) -> dict[str, str]:
    """The rows of the table whose first column is headed so: first cell to the rest."""
    _, _, table = text.partition(f"| {heading} |")
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", table.split("\n\n", 1)[0], re.MULTILINE)
    return dict(rows)


def test_every_event_type_is_on_the_page_with_all_its_fields() -> None:
    rows = first_cells(section("Events"), "type")
    assert set(rows) == set(TYPES)
    for struct, name in NAMES.items():
        fields = {field.rstrip("_") for field in struct.__struct_fields__}
        missing = {field for field in fields if not re.search(rf"\b{field}\b", rows[name])}
        assert missing == set(), name


@pytest.mark.parametrize(
    ("title", "connection"), [("`/customer`", CustomerConnection), ("`/staff`", StaffConnection)]
)
def test_every_command_is_on_the_page(
    title: str, connection: type[CustomerConnection] | type[StaffConnection]
) -> None:
    assert set(first_cells(section(title), "send")) == connection.commands


def test_every_error_code_is_on_the_page() -> None:
    assert set(first_cells(PAGE, "code")) == set(get_args(Code))


def test_every_notice_is_on_the_page() -> None:
    assert set(first_cells(section("`/staff`"), "notice")) == set(get_args(NoticeCode))
