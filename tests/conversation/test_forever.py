from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from conversation.errors import Unavailable
from conversation.forever import forever


@pytest.mark.parametrize("failure", [Unavailable(), KeyError("a fault of ours")])
async def test_work_that_fails_is_told_and_tried_again(failure: Exception) -> None:
    tries = 0
    again = asyncio.Event()

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise failure
        again.set()
        await asyncio.Event().wait()

    with capture_logs() as told:
        task = asyncio.create_task(forever("a piece of work", work))
        async with asyncio.timeout(5):
            await again.wait()
    task.cancel()

    assert [line["what"] for line in told] == ["a piece of work"]
    assert tries == 2
