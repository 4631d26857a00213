"""What happens while the assistant writes; the model is a double that waits where a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import expect
from pytest_asyncio import fixture

from conversation import events as ev
from tests.browser.house import House
from tests.browser.street import Street
from tests.doubles.model import Finish, ModelDouble, Text, Wait, model_double, say
from tests.gateway.people import Customer

pytestmark = pytest.mark.asyncio(loop_scope="session")

SO_FAR = "Delivery takes three days, "
MARKUP = '<img src=x onerror="window.harmed=1"> & <b>bold</b>'


@fixture(scope="module", loop_scope="session")
async def model() -> AsyncIterator[ModelDouble]:
    async with model_double(lambda *_: say("Good.")) as double:
        yield double


@fixture(scope="module", loop_scope="session")
async def house(
    tmp_path_factory: pytest.TempPathFactory, model: ModelDouble
) -> AsyncIterator[House]:
    """The product, with the double for a model."""
    house = await House(tmp_path_factory.mktemp("house"), model_url=model.base_url).open()
    yield house
    await house.close()


@dataclass
class HalfReply:
    """A reply that stops after `SO_FAR`; `later` follows once the test lets it `go_on`."""

    later: str
    go_on: asyncio.Event


@pytest.fixture
def half_reply(model: ModelDouble, request: pytest.FixtureRequest) -> HalfReply:
    """What the model writes in this test."""
    half = HalfReply(f"unless {request.node.name}.", asyncio.Event())
    model.script = lambda *_: [Text(SO_FAR), Wait(half.go_on), Text(half.later), Finish()]
    return half


async def test_a_reload_shows_the_reply_so_far_and_goes_on(
    street: Street, half_reply: HalfReply
) -> None:
    visitor = await street.shopper()
    await visitor.say("How long?")
    await expect(visitor.being_written).to_have_text(SO_FAR.strip())

    await visitor.page.reload()
    await visitor.page.get_by_role("button", name="Open chat").click()
    await expect(visitor.being_written).to_have_text(SO_FAR.strip())
    await visitor.picture("chat-streaming")
    half_reply.go_on.set()

    await expect(visitor.bubble(SO_FAR + half_reply.later)).to_have_count(1)
    await expect(visitor.being_written).to_have_count(0)
    await expect(visitor.bubble("Delivery takes")).to_have_count(1)


async def test_a_takeover_in_mid_reply_ends_the_assistants_words(
    street: Street, house: House, model: ModelDouble, half_reply: HalfReply
) -> None:
    jonas, sam = await asyncio.gather(street.shopper("jonas"), street.staff("Sam"))
    alongside = Customer(house.url)
    await jonas.say("How long?")
    await expect(jonas.being_written).to_be_visible()
    await alongside.connect({"token": await house.customer_token("jonas")})
    await sam.watch("Assistant live", "Jonas Albrecht")
    await expect(sam.message(SO_FAR)).to_have_attribute("aria-busy", "true")
    await sam.picture("console-live")

    await sam.page.keyboard.press("t")
    await expect(jonas.messages.get_by_text("Sam has joined")).to_be_visible()
    await model.left.get()
    half_reply.go_on.set()
    await sam.reply("Sam here, four days.")
    await expect(jonas.bubble("four days")).to_be_visible()
    await alongside.event("staff_said", text="Sam here, four days.")

    await expect(jonas.bubble(SO_FAR)).to_have_count(1)
    await expect(jonas.messages).to_contain_text("Stopped here when a person took over")
    await expect(sam.message(SO_FAR)).to_contain_text("cut off by")
    await jonas.picture("chat-takeover")
    await sam.picture("console-takeover")
    for sent in (jonas.everything, alongside.everything, sam.everything):
        assert half_reply.later not in sent
    events = await house.events(jonas.conversation)
    taken = next(e for e in events if isinstance(e.data, ev.OwnerChanged))
    spoken = [e for e in events if isinstance(e.data, ev.AssistantSaid)]
    assert spoken[-1].data == ev.AssistantSaid(text=SO_FAR, turn=1, partial=True)
    assert spoken[-1].seq < taken.seq
    await alongside.leave()


async def test_asking_for_a_person_ends_the_assistants_words(
    street: Street, house: House, model: ModelDouble, half_reply: HalfReply
) -> None:
    visitor = await street.shopper()
    await visitor.say("How long?")
    await expect(visitor.being_written).to_be_visible()

    await visitor.press("Talk to a person").click()

    await expect(visitor.place).to_be_visible()
    await expect(visitor.being_written).to_have_count(0)
    await model.left.get()
    half_reply.go_on.set()
    await expect(visitor.bubble(SO_FAR)).to_have_count(1)
    assert half_reply.later not in visitor.everything


async def test_text_is_never_markup(street: Street, house: House, model: ModelDouble) -> None:
    model.script = lambda *_: say(f"The assistant says {MARKUP}")
    visitor, sam = await asyncio.gather(street.shopper(), street.staff("Sam"))

    await visitor.say(f"The customer says {MARKUP}")
    await expect(visitor.bubble(f"The assistant says {MARKUP}")).to_be_visible()
    await sam.watch("Assistant live", MARKUP)
    await sam.press("Take over").click()
    await sam.reply(f"The agent says {MARKUP}")
    await sam.note(f"The note says {MARKUP}")

    await expect(visitor.bubble(f"The agent says {MARKUP}")).to_be_visible()
    for who in ("customer", "assistant", "agent", "note"):
        await expect(sam.message(f"The {who} says {MARKUP}")).to_be_visible()
    await expect(sam.row(MARKUP)).to_be_visible()
    for screen in (visitor, sam):
        assert await screen.page.locator("img").count() == 0
        assert await screen.page.evaluate("window.harmed") is None


async def test_the_log_follows_its_end_only_for_who_is_there(
    street: Street, model: ModelDouble
) -> None:
    visitor = await street.shopper()
    model.script = lambda *_: say("One line after the other.\n" * 30)
    await visitor.say("Tell me a lot")
    await expect(visitor.bubble("One line")).to_be_in_viewport()
    await expect(visitor.being_written).to_have_count(0)

    await visitor.bubble("Tell me a lot").scroll_into_view_if_needed()
    latest = visitor.press("Latest messages")
    await expect(latest).to_be_visible()
    await visitor.picture("chat-scrolled-up")
    await latest.click()
    await expect(latest).to_be_hidden()

    await visitor.bubble("Tell me a lot").scroll_into_view_if_needed()
    await expect(latest).to_be_visible()
    model.script = lambda *_: say("Short.")
    await visitor.say("And now something short")
    await expect(visitor.bubble("And now something short")).to_be_in_viewport()
    await expect(visitor.bubble("Short.")).to_be_in_viewport()
    await expect(latest).to_be_hidden()
