"""Which parts of the demo run, and what the other processes are told of them."""

from pathlib import Path

import pytest

from handrail.config import Config, load
from handrail.demo_plan import DemoPlan, plan_demo

STAND_IN = "model: {name: m}\n"
REAL = "model: {name: m, api_key: k}\n"
TOOL = """\
tools_secret: s
tools:
  find:
    http: {url: "http://127.0.0.1:9100/tools/find"}
    description: Find
    effect: read
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def read(file: Path, text: str) -> Config:
    file.write_text("customers: {anonymous: true}\n" + text)
    return load(file, environ={})


def as_served(file: Path, plan: DemoPlan) -> Config:
    """The configuration as the other processes read it."""
    return load(file, environ={}, overrides=plan.settings())


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        (STAND_IN, DemoPlan(runs=True, stands_in=True)),
        (STAND_IN + TOOL, DemoPlan(runs=True, stands_in=True)),
        (REAL, DemoPlan(runs=False, stands_in=False)),
        (REAL + TOOL, DemoPlan(runs=True, stands_in=False)),
        ('model: {name: m, base_url: "http://m/v1"}\n', DemoPlan(runs=False, stands_in=False)),
    ],
)
def test_the_demo_runs_for_want_of_a_model_or_when_tools_name_it(
    file: Path, text: str, plan: DemoPlan
) -> None:
    assert plan_demo(read(file, text)) == plan


def test_a_stand_in_model_is_used_and_labelled(file: Path) -> None:
    plan = plan_demo(read(file, STAND_IN))
    config = as_served(file, plan)

    assert plan.arguments() == ["--shop-port", "9100", "--model-port", "9101"]
    assert plan.ports() == {"the demo shop": 9100, "the demo model": 9101}
    assert config.model.base_url == "http://127.0.0.1:9101/v1"
    assert config.widget.notice == "demo model"
    assert config.gateway.home == "http://127.0.0.1:9100"


def test_beside_a_real_model_the_shop_runs_alone_and_nothing_is_labelled(file: Path) -> None:
    plan = plan_demo(read(file, REAL + TOOL))
    config = as_served(file, plan)

    assert plan.arguments() == ["--shop-port", "9100", "--without-model"]
    assert plan.ports() == {"the demo shop": 9100}
    assert (config.model.base_url, config.model.api_key) == (None, "k")
    assert config.widget.notice is None
    assert config.gateway.home == "http://127.0.0.1:9100"


def test_without_a_demo_nothing_is_set(file: Path) -> None:
    plan = plan_demo(read(file, REAL))

    assert plan.settings() == {}
    assert plan.ports() == {}
