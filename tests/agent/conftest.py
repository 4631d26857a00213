"""What the tests of the assistant's work share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation.store import Store
from tests.agent.scene import ORDER, Scene
from tests.conftest import Clock
from tests.doubles.model import model_double, say
from tests.doubles.tools import Ok, tools_double


@pytest.fixture
async def scene(store: Store, clock: Clock, tmp_path: Path) -> AsyncIterator[Scene]:
    """A model that says one thing, tools that know one order, and nobody at work yet."""
    async with (
        model_double(lambda _body, _headers: say("Hello.")) as model,
        tools_double() as tools,
    ):
        tools.answers("get_order", Ok(ORDER))
        scene = Scene(store, clock, model=model, tools=tools, data=tmp_path)
        await scene.open()
        yield scene
        await scene.close()
