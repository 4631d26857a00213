"""Job 2: a customer asks for a person, and gets one."""

from __future__ import annotations

from asyncio import gather

import pytest
from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = "Can I talk to a person?"


async def test_a_customer_waits_in_line_and_talks_with_a_person(
    street: Street, house: House
) -> None:
    jonas, sam = await gather(street.shopper("jonas"), street.staff("Sam"))
    await sam.picture("console-nothing")

    await jonas.say(ASKED)
    await expect(jonas.place).to_contain_text("1st")
    await expect(jonas.chat.get_by_text("You are in line", exact=True)).to_be_visible()
    await jonas.picture("chat-line")

    await sam.watch("Line", "Jonas Albrecht")
    context = sam.page.get_by_role("region", name="About this conversation")
    await expect(context).to_contain_text("Asked for a person")
    await sam.picture("console-line")
    await sam.press("Accept").click()

    await expect(jonas.messages.get_by_text("Sam has joined the conversation.")).to_be_visible()
    await expect(jonas.place).to_be_hidden()
    await expect(jonas.chat.get_by_text("Talking to a person")).to_be_visible()
    await sam.reply_field.press_sequentially("Hello")
    await expect(jonas.messages.get_by_role("img", name="Sam is writing")).to_be_visible()
    await jonas.picture("chat-person-writes")
    await sam.reply("Hello Jonas, this is Sam. What can I do?")
    await expect(jonas.bubble("this is Sam")).to_be_visible()

    await sam.note("He has waited long enough.")
    await expect(sam.message("He has waited long enough.")).to_contain_text("Internal note")
    await sam.picture("console-note")
    await jonas.say("Could it come tomorrow?")
    await expect(sam.message("Could it come tomorrow?")).to_be_visible()
    await sam.page.get_by_role("tab", name="Reply").click()
    await sam.reply("I will ask the carrier.")
    await expect(jonas.bubble("I will ask the carrier.")).to_be_visible()
    await sam.picture("console-talk")
    await jonas.picture("chat-person")

    await sam.press("Return to Ada").click()
    brief = sam.page.get_by_role("textbox", name="What should Ada know?")
    await brief.fill("The carrier was asked for tomorrow.")
    await sam.picture("console-return")
    await brief.press("Control+Enter")
    await expect(jonas.messages.get_by_text("Ada is back with you.")).to_be_visible()
    await expect(sam.messages.get_by_text("The carrier was asked for tomorrow.")).to_be_visible()
    await jonas.say("Where is order TF-20904?")
    await expect(jonas.bubble("TF-20904 is on its way")).to_be_visible()

    for secret in ("waited long enough", "The carrier was asked"):
        assert secret not in jonas.everything
        assert secret not in house.printed


async def test_the_button_does_what_the_words_do(street: Street) -> None:
    first, second = await gather(street.shopper("elena"), street.shopper("priya"))
    kim = await street.staff("Kim")

    await first.press("Talk to a person").click()
    await expect(first.place).to_contain_text("1st")
    await second.press("Talk to a person").click()
    await expect(second.place).to_contain_text("2nd")
    await second.picture("chat-second-in-line")

    await kim.watch("Line", "Elena Marchetti")
    await expect(kim.press("Accept")).to_be_visible()
    await kim.page.keyboard.press("t")
    await expect(first.messages.get_by_text("Kim has joined")).to_be_visible()
    await expect(second.place).to_contain_text("1st")
    await kim.watch("Line", "Priya Nair")
    await kim.press("Accept").click()
    await expect(second.messages.get_by_text("Kim has joined")).to_be_visible()


async def test_who_comes_second_is_told_who_was_first(street: Street) -> None:
    visitor = await street.shopper()
    await visitor.say(f"{ASKED} I am first")
    sam, kim = await gather(street.staff("Sam"), street.staff("Kim"))
    for agent in (sam, kim):
        await agent.watch("Line", "I am first")
        await expect(agent.press("Accept")).to_be_visible()

    await sam.press("Accept").click()
    await expect(sam.reply_field).to_be_visible()

    await expect(kim.page.get_by_text("Sam speaks to the customer now")).to_be_visible()
    await expect(kim.reply_field).to_have_count(0)
    await expect(kim.press("Take over")).to_have_count(0)
    await kim.picture("console-colleague")


async def test_only_a_supervisor_takes_over_from_a_colleague(street: Street) -> None:
    visitor = await street.shopper()
    await visitor.say(f"{ASKED} I am patient")
    sam, dana = await gather(street.staff("Sam"), street.staff("Dana"))
    await sam.watch("Line", "I am patient")
    await sam.press("Accept").click()
    await sam.reply("Here I am")
    await expect(visitor.bubble("Here I am")).to_be_visible()

    await dana.page.goto(f"{dana.page.url.split('#')[0]}#/mine/{visitor.conversation}")
    await dana.press("Take over").click()

    await expect(visitor.messages.get_by_text("Dana has joined")).to_be_visible()
    await expect(dana.reply_field).to_be_visible()
    await expect(sam.reply_field).to_have_count(0)
    await expect(sam.page.get_by_text("Dana speaks to the customer now")).to_be_visible()
    await dana.reply("I am the supervisor")
    await expect(visitor.bubble("I am the supervisor")).to_be_visible()
    await dana.press("Close the conversation").click()
    await dana.picture("console-close")
    await dana.page.get_by_role("form").get_by_role("button", name="Close").click()
    await expect(visitor.press("New conversation")).to_be_visible()


async def test_an_agent_answers_from_a_phone(street: Street) -> None:
    visitor = await street.shopper()
    await visitor.say(f"{ASKED} I am mobile")
    sam = await street.staff("Sam", phone=True)

    await sam.watch("Line", "I am mobile")
    await sam.picture("console-phone-thread")
    await sam.press("Accept").click()
    await sam.reply("A person on a phone")
    await expect(visitor.bubble("A person on a phone")).to_be_visible()
    await sam.page.get_by_role("link", name="Context").click()
    await sam.picture("console-phone-context")
