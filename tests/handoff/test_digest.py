"""What means the same digests the same, and nothing else does."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.digest import canonical, digest
from handoff.facts import MAX_DEPTH, Json, NotPlain, check_plain

NUMBERS = st.one_of(
    st.integers(-(10**60), 10**60),
    st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
        lambda number: not number or abs(number.adjusted()) <= 300
    ),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "forty", [40, 40.0, Decimal(40), Decimal("40.0"), Decimal("40.00"), Decimal("4e1")]
)
def test_a_number_digests_by_its_value(forty: Json) -> None:
    assert digest({"amount": forty}) == digest({"amount": 40})


@pytest.mark.parametrize("other", ["40", "40.00", True, None, [40], Decimal("40.000000000001")])
def test_what_only_looks_like_the_number_digests_otherwise(other: Json) -> None:
    assert digest({"amount": other}) != digest({"amount": 40})


@given(VALUES)
def test_canonical_text_is_json_of_the_same_value(value: Json) -> None:
    def decimals(read: Any) -> Any:
        if isinstance(read, dict):
            return {key: decimals(item) for key, item in read.items()}
        if isinstance(read, list):
            return [decimals(item) for item in read]
        number = isinstance(read, int | Decimal) and not isinstance(read, bool)
        return Decimal(read) if number else read

    read = json.loads(canonical(value), parse_float=Decimal, parse_int=Decimal)
    assert decimals(read) == decimals(value)


@given(VALUES)
def test_reading_canonical_text_and_writing_it_again_changes_nothing(value: Json) -> None:
    text = canonical(value)
    assert canonical(json.loads(text, parse_float=Decimal)) == text


@given(NUMBERS, st.integers(0, 30))
def test_trailing_zeros_do_not_count(number: int | Decimal, zeros: int) -> None:
    sign, digits, exponent = Decimal(number).as_tuple()
    assert isinstance(exponent, int)
    longer = Decimal((sign, digits + (0,) * zeros, exponent - zeros))
    assert canonical(longer) == canonical(number)


@given(NUMBERS, NUMBERS)
def test_two_numbers_digest_alike_only_when_they_are_equal(
    one: int | Decimal, other: int | Decimal
) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_count(members: dict[str, int]) -> None:
    assert digest(dict(reversed(members.items()))) == digest(dict(members))


def test_the_order_of_a_list_counts() -> None:
    assert digest([1, 2]) != digest([2, 1])


def test_a_boundary_between_texts_cannot_be_moved() -> None:
    assert digest(["a", "b"]) != digest(["a,b"]) != digest(['a","b'])


def test_minus_nothing_is_nothing() -> None:
    assert canonical(Decimal("-0.00")) == canonical(-0.0) == "0"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Decimal("1.50"), "1.5"),
        (1500000, "1500000"),
        (Decimal("-1e-7"), "-0.0000001"),
        (Decimal("12e300"), "12e300"),
        (-(10**60), "-1e60"),
    ],
)
def test_usual_numbers_are_written_out_and_vast_ones_short(number: Json, text: str) -> None:
    assert canonical(number) == text


def test_text_is_told_apart_by_its_code_points() -> None:
    assert digest("é") != digest("e\N{COMBINING ACUTE ACCENT}")


def nested(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels - 1):
        value = [value]
    return value


def test_nesting_is_accepted_up_to_its_limit() -> None:
    check_plain(nested(MAX_DEPTH))
    assert len(digest(nested(MAX_DEPTH))) == 64


@pytest.mark.parametrize(
    "value",
    [
        nested(MAX_DEPTH + 1),
        nested(100_000),
        float("nan"),
        float("-inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("1e301"),
        Decimal("1e-301"),
        Decimal("1e999999999"),
        Decimal("1." + "1" * 1001),
        10**400,
        "half \ud83d a pair",
        {"\udc00": 1},
        {1: 2},
        (1, 2),
        b"bytes",
        object(),
    ],
)
def test_what_is_no_plain_json_is_refused(value: object) -> None:
    with pytest.raises(NotPlain):
        check_plain(value)


@given(VALUES)
def test_plain_json_is_accepted(value: Json) -> None:
    check_plain(value)
