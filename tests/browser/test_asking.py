"""Job 1: a customer asks, and the assistant answers as it thinks."""

from __future__ import annotations

from asyncio import gather

import pytest
from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_answer_is_written_before_the_customers_eyes(street: Street, house: House) -> None:
    jonas = await street.shopper("jonas")
    await jonas.picture("chat-greeting")

    await jonas.say("Where is order TF-20904?")

    await expect(jonas.bubble("TF-20904 is on its way")).to_be_visible()
    await expect(jonas.being_written).to_have_count(0)
    assert jonas.everything.count('["delta",') > 2
    await expect(jonas.messages.get_by_text("Seen", exact=True)).to_be_visible()
    await jonas.picture("chat-answer")
    assert "TF-20904" not in house.printed


async def test_a_suggestion_is_an_ordinary_message(street: Street) -> None:
    visitor = await street.shopper()

    await visitor.press("Which size fits me?").click()

    await expect(visitor.bubble("Which size fits me?")).to_be_visible()
    await expect(visitor.bubble("By chest")).to_be_visible()


async def test_every_tab_shows_the_same(street: Street) -> None:
    profile = await street.profile()
    first = await street.tab(profile, "priya")
    second = await street.tab(profile, "priya")

    await first.say("Where is order TF-20847?")
    await expect(second.bubble("Where is order TF-20847?")).to_have_count(1)
    await expect(second.bubble("TF-20847 was delivered")).to_have_count(1)

    await second.say("Thanks!")
    await expect(first.bubble("Thanks!")).to_have_count(1)
    await expect(first.bubble("You are welcome")).to_have_count(1)


async def test_two_customers_never_see_each_other(street: Street) -> None:
    one, other = await gather(street.shopper(), street.shopper())

    await one.say("How long does delivery take? I am the one")
    await other.say("is a broken zip covered? I am the other")
    await expect(one.bubble("2 to 4 working days")).to_be_visible()
    await expect(other.bubble("two years")).to_be_visible()

    assert one.conversation != other.conversation
    for who, whose in ((one, other), (other, one)):
        assert whose.conversation not in who.everything
        await expect(who.bubble("I am the")).to_have_count(1)
    assert "the other" not in one.everything
    assert "the one" not in other.everything


async def test_whoever_signs_in_next_does_not_see_the_one_before(street: Street) -> None:
    shopper = await street.shopper("elena")
    await shopper.say("where is TF-20889?")
    await expect(shopper.bubble("TF-20889 is late")).to_be_visible()
    before = shopper.conversation

    await shopper.page.get_by_label("Signed in as").select_option("")
    await shopper.page.get_by_role("button", name="Open chat").click()
    await expect(shopper.press("Where is my order?")).to_be_visible()
    await expect(shopper.bubble("TF-20889")).to_have_count(0)

    await shopper.page.get_by_label("Signed in as").select_option("elena")
    await shopper.page.get_by_role("button", name="Open chat").click()
    await expect(shopper.bubble("TF-20889 is late")).to_be_visible()
    assert shopper.conversation == before


async def test_a_conversation_that_was_ended_stays_readable(street: Street) -> None:
    visitor = await street.shopper()
    await visitor.say("Which size fits me?")
    await expect(visitor.bubble("By chest")).to_be_visible()
    await expect(visitor.being_written).to_have_count(0)

    await visitor.press("Menu").click()
    await visitor.chat.get_by_role("menuitem", name="End conversation").click()
    await expect(visitor.press("Keep chatting")).to_be_focused()
    await visitor.picture("chat-end-question")
    await visitor.press("End conversation").click()

    await expect(visitor.messages.get_by_text("You ended the conversation")).to_be_visible()
    await expect(visitor.bubble("By chest")).to_be_visible()
    await visitor.picture("chat-ended")
    await visitor.press("New conversation").click()
    await expect(visitor.press("Where is my order?")).to_be_visible()
    await expect(visitor.field).to_be_focused()


async def test_a_long_message_is_refused_before_it_is_sent(street: Street) -> None:
    visitor = await street.shopper()

    await visitor.field.fill("ä" * 8_001)

    await expect(visitor.chat.get_by_text("1 character too long")).to_be_visible()
    await expect(visitor.press("Send")).to_be_disabled()
    await visitor.picture("chat-too-long")


async def test_the_chat_fills_a_phone(street: Street) -> None:
    visitor = await street.shopper(phone=True)
    await visitor.picture("phone-greeting")
    await visitor.say("How long does delivery take?")
    await expect(visitor.bubble("2 to 4 working days")).to_be_visible()
    await expect(visitor.being_written).to_have_count(0)

    await expect(visitor.chat).to_have_attribute("aria-modal", "true")
    assert await visitor.chat.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    await visitor.picture("phone-answer")


async def test_escape_closes_the_chat_and_what_comes_is_counted(street: Street) -> None:
    profile = await street.profile()
    reading, away = await gather(street.tab(profile, "nobody"), street.tab(profile, "nobody"))
    await reading.say("Which size fits me?")
    await expect(away.bubble("By chest")).to_be_visible()
    await expect(away.being_written).to_have_count(0)
    await away.page.bring_to_front()

    await away.field.press("Escape")
    launcher = away.page.get_by_role("button", name="Open chat")
    await expect(launcher).to_be_focused()
    await reading.say("Thanks")

    await expect(launcher).to_have_accessible_name("Open chat, 1 unread")
    await away.picture("chat-unread")
    await launcher.click()
    await away.press("Close chat").first.click()
    await expect(launcher).to_have_accessible_name("Open chat")
