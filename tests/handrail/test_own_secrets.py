"""Secrets made at first start."""

import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from handrail.own_secrets import make_secrets, signing_key, with_own_secrets


def test_they_fill_what_the_environment_leaves_empty(tmp_path: Path) -> None:
    make_secrets(tmp_path)

    filled = with_own_secrets({"HANDRAIL_TOOLS_SECRET": ""}, tmp_path)

    assert len(filled["HANDRAIL_CUSTOMER_SECRET"]) >= 32
    assert len(filled["HANDRAIL_TOOLS_SECRET"]) >= 32
    assert filled["HANDRAIL_CUSTOMER_SECRET"] != filled["HANDRAIL_TOOLS_SECRET"]


def test_a_given_secret_wins(tmp_path: Path) -> None:
    make_secrets(tmp_path)

    given = {"HANDRAIL_TOOLS_SECRET": "given"}

    assert with_own_secrets(given, tmp_path)["HANDRAIL_TOOLS_SECRET"] == "given"


def test_they_are_made_once(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    first = with_own_secrets({}, tmp_path)
    make_secrets(tmp_path)

    assert with_own_secrets({}, tmp_path) == first


def test_without_any_the_environment_stays_as_it_is(tmp_path: Path) -> None:
    assert with_own_secrets({"A": "b"}, tmp_path) == {"A": "b"}


def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_secrets(data)
    signing_key(data)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in data.iterdir()}

    assert modes == {"secrets.json": 0o600, "signing.key": 0o600}


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        keys = set(pool.map(signing_key, [tmp_path / "data"] * 8))

    assert len(keys) == 1
