from decimal import Decimal

import pytest

from handoff.exact_json import ArgumentsError, NotExact, parse_arguments, parse_exact


def test_numbers_keep_the_value_that_was_written() -> None:
    arguments = parse_arguments('{"amount": 49.990, "count": 3, "huge": 12345678901234567890}')

    assert arguments == {
        "amount": Decimal("49.990"),
        "count": 3,
        "huge": 12345678901234567890,
    }
    assert isinstance(arguments["amount"], Decimal)
    assert isinstance(arguments["count"], int)


def test_no_text_at_all_means_no_arguments() -> None:
    assert parse_arguments("") == {}
    assert parse_arguments(" \n") == {}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ('{"a": 1', "The arguments cannot be read: Expecting ',' delimiter at character 8."),
        ('{"a": 1}{"b": 2}', "The arguments cannot be read: Extra data at character 9."),
        ('{"a": NaN}', "The arguments cannot be read: NaN is no JSON number."),
        ('{"a": -Infinity}', "The arguments cannot be read: -Infinity is no JSON number."),
        (
            '{"a": {"b": 1, "b": 2}}',
            "The arguments cannot be read: a key appears twice in one object.",
        ),
        (
            '{"amount": 1, "Amount": 1000}',
            "The arguments cannot be read: two keys of one object differ in case only.",
        ),
        (
            '{"lines": [{"straße": 1, "STRASSE": 2}]}',
            "The arguments cannot be read: two keys of one object differ in case only.",
        ),
        ("[1]", "The arguments must be one JSON object."),
        ("null", "The arguments must be one JSON object."),
        ('"{}"', "The arguments must be one JSON object."),
    ],
)
def test_what_could_be_read_in_two_ways_is_told_to_the_model(raw: str, sentence: str) -> None:
    with pytest.raises(ArgumentsError) as told:
        parse_arguments(raw)

    assert str(told.value) == sentence


@pytest.mark.parametrize(
    "raw",
    [
        '{"a": 1e999999999}',
        '{"a": 1e99999999999999999999}',
        '{"a": 1e-999999999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": 0.' + "1" * 5000 + "}",
        '{"a": "\\ud83d"}',
        '{"\\ude00": 1}',
        '{"a": ' * 100_000,
        '{"a": ' + "[" * 100 + "]" * 100 + "}",
        "{'a': 1}",
        '\ufeff{"a": 1}',
    ],
)
def test_what_would_break_later_is_refused_now(raw: str) -> None:
    with pytest.raises(ArgumentsError):
        parse_arguments(raw)


def test_keys_that_differ_in_case_stand_where_nothing_is_acted_on() -> None:
    """Of an answer, or of two objects, each key is another one."""
    assert parse_exact('{"a": 1, "A": 2}') == {"a": 1, "A": 2}
    assert parse_arguments('{"a": 1, "b": {"A": 2}}') == {"a": 1, "b": {"A": 2}}


def test_bytes_must_be_utf_8() -> None:
    assert parse_exact('{"a": "é"}'.encode()) == {"a": "é"}
    with pytest.raises(NotExact):
        parse_exact(b'{"a": "\xe9"}')
