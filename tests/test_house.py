"""The house: imports run one way, and each library is met in one place only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "conversation": set(),
    "handoff": {"conversation"},
    "agent": {"handoff", "conversation"},
    "gateway": {"handoff", "conversation"},
    "handrail": {"gateway", "agent", "handoff", "conversation"},
    "demo": set(),
}
"""Package → those of ours it may import. The demo is a program of its own, reached over HTTP."""
ONLY_IN = {"openai": "agent/model.py", "socketio": "gateway/", "yaml": "handrail/"}
BANNED_NAMES = {"utils", "helpers", "manager", "common"}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str) -> None:
    allowed = {package, *MAY_IMPORT[package]}
    found = {
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules(package)
        for name in imported(module)
        if name in MAY_IMPORT and name not in allowed
    }
    assert found == set()


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_in_its_place_only(library: str) -> None:
    found = {
        str(module.relative_to(ROOT))
        for package in MAY_IMPORT
        for module in modules(package)
        if library in imported(module)
    }
    assert {place for place in found if not place.startswith(ONLY_IN[library])} == set()


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_every_module_says_what_it_is_for(package: str) -> None:
    silent = [
        str(module.relative_to(ROOT))
        for module in modules(package)
        if not ast.get_docstring(ast.parse(module.read_text()))
    ]
    assert silent == []


def test_no_module_is_named_for_nothing() -> None:
    named = {module.stem for package in MAY_IMPORT for module in modules(package)}
    assert named & BANNED_NAMES == set()


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_lua_lies_beside_its_owner(package: str) -> None:
    scripts = (ROOT / package).rglob("*.lua")
    astray = [str(script) for script in scripts if script.parent != ROOT / package / "lua"]
    assert astray == []


def modules(package: str) -> Iterator[Path]:
    """The Python modules of a package."""
    for module in (ROOT / package).rglob("*.py"):
        if "node_modules" not in module.parts:
            yield module


def imported(module: Path) -> set[str]:
    """The top names a module imports, wherever in it they stand."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name.split(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str() as name, level=0):
                names.add(name.split(".")[0])
    return names
