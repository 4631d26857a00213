"""How a reply is shown while it is written: first words at once, then in frames, none lost."""

from __future__ import annotations

import asyncio
import gc

import pytest

from agent.frames import Frames
from agent.model_error import Incomplete
from conversation.errors import LeaseLost, Unavailable

PATIENCE_S = 5.0


class Screen:
    """Where frames are shown; `opens` lets them through, `fault` is raised instead."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.fault: Exception | None = None
        self.opens = asyncio.Event()
        self.opens.set()
        self.came = asyncio.Event()

    async def __call__(self, text: str) -> int:
        self.came.set()
        await self.opens.wait()
        if self.fault is not None:
            raise self.fault
        self.shown.append(text)
        return len(self.shown) - 1


@pytest.fixture
def screen() -> Screen:
    return Screen()


async def soon() -> None:
    """Let whatever can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_first_words_are_shown_at_once(screen: Screen) -> None:
    async with Frames(screen) as frames:
        frames.write("One ")
        await soon()
        assert screen.shown == ["One "]


async def test_what_comes_within_a_frame_is_shown_together(screen: Screen) -> None:
    async with Frames(screen) as frames:
        frames.write("One ")
        await soon()
        screen.came.clear()
        frames.write("two ")
        frames.write("three ")
        await asyncio.wait_for(screen.came.wait(), PATIENCE_S)
        await soon()
        assert screen.shown == ["One ", "two three "]


async def test_the_first_words_of_a_reply_that_comes_at_once_are_shown(screen: Screen) -> None:
    async with Frames(screen) as frames:
        frames.write("One ")
        frames.write("two.")

    assert screen.shown == ["One two."]


async def test_nothing_is_shown_of_a_step_without_words(screen: Screen) -> None:
    async with Frames(screen) as frames:
        frames.write("")

    assert screen.shown == []


async def test_words_beyond_the_first_are_left_to_the_log_at_the_end(screen: Screen) -> None:
    async with Frames(screen) as frames:
        frames.write("One ")
        await soon()
        frames.write("two.")

    assert screen.shown == ["One "]


async def writing(screen: Screen, *texts: str, then: Exception | None = None) -> None:
    """Write pieces, the first one shown before the others come, and end or break off."""
    async with Frames(screen) as frames:
        for text in texts:
            frames.write(text)
            await soon()
        if then is not None:
            raise then


async def test_all_that_arrived_is_shown_when_the_model_breaks_off(screen: Screen) -> None:
    with pytest.raises(Incomplete):
        await writing(screen, "One ", "two", then=Incomplete("truncated"))

    assert screen.shown == ["One ", "two"]


async def test_a_frame_being_shown_is_waited_for(screen: Screen) -> None:
    screen.opens.clear()

    async def reply() -> None:
        async with Frames(screen) as frames:
            frames.write("One ")
            await screen.came.wait()
            frames.write("two.")

    replied = asyncio.create_task(reply())
    await screen.came.wait()
    await soon()
    assert not replied.done()
    screen.opens.set()
    await replied
    assert screen.shown == ["One "]


@pytest.mark.parametrize("fault", [LeaseLost(), Unavailable()])
async def test_what_showing_raised_is_raised_by_the_next_word(
    screen: Screen, fault: Exception
) -> None:
    screen.fault = fault
    with pytest.raises(type(fault)):
        await writing(screen, "One ", "two ", then=AssertionError("a word after a fault"))


async def test_what_showing_raised_is_raised_at_the_end(screen: Screen) -> None:
    screen.fault = LeaseLost()
    with pytest.raises(LeaseLost):
        await writing(screen, "One ")


async def test_a_lost_lease_counts_more_than_a_model_that_breaks_off(screen: Screen) -> None:
    screen.fault = LeaseLost()
    with pytest.raises(LeaseLost):
        await writing(screen, "One ", then=Incomplete("ended_early"))


async def test_nothing_more_is_shown_once_the_turn_is_cut(screen: Screen) -> None:
    frames = Frames(screen)
    await frames.__aenter__()
    frames.write("One ")
    await soon()
    frames.write("two ")
    cut = asyncio.CancelledError()
    await frames.__aexit__(type(cut), cut, None)

    assert screen.shown == ["One "]


async def test_a_frame_refused_after_everybody_has_left_is_no_news(
    screen: Screen, caplog: pytest.LogCaptureFixture
) -> None:
    screen.opens.clear()
    screen.fault = LeaseLost()
    leaving = asyncio.create_task(writing(screen, "One "))
    await screen.came.wait()
    await soon()
    leaving.cancel()
    await asyncio.wait([leaving])
    screen.opens.set()
    await soon()
    gc.collect()

    assert caplog.records == []
