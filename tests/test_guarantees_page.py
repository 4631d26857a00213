"""docs/guarantees.md names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guarantees.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:tests|bench|conversation)/[\w/.]*)`", PAGE)))


@pytest.mark.parametrize("path", NAMED)
def test_what_a_guarantee_rests_on_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_guarantee_names_what_it_rests_on() -> None:
    promised, _, _ = PAGE.partition("## What is not guaranteed")
    sentences = [line for line in promised.splitlines() if line.startswith("- ")]
    assert sentences
    assert [line for line in sentences if "tests/" not in line] == []
