"""The gateway goes away and comes back: nothing is lost, and nothing is said twice."""

from __future__ import annotations

from asyncio import gather

import pytest
from playwright.async_api import expect

from conversation import events as ev
from tests.browser.house import House
from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_written_meanwhile_is_sent_once(street: Street, house: House) -> None:
    street.gateway_was_away = True
    jonas, sam = await gather(street.shopper("jonas"), street.staff("Sam"))
    await jonas.say("Can I talk to a person?")
    await sam.watch("Line", "Jonas Albrecht")
    await sam.press("Accept").click()
    await expect(jonas.messages.get_by_text("Sam has joined")).to_be_visible()

    async with house.without_gateway():
        await expect(sam.page.get_by_text("No connection")).to_be_visible()
        await jonas.say("Are you there?")
        await jonas.say("I wait.")
        await expect(jonas.chat.get_by_text("2 messages will follow.")).to_be_visible()
        await expect(jonas.messages.get_by_text("Waiting for the network")).to_be_visible()
        await sam.reply("I am.")
        await expect(sam.message("I am.")).to_contain_text("not sent yet")
        await jonas.picture("chat-away")
        await sam.picture("console-away")

    await expect(jonas.bubble("I am.")).to_have_count(1)
    await expect(sam.message("I wait.")).to_have_count(1)
    await expect(jonas.chat.get_by_text("will follow.")).to_have_count(0)
    await expect(sam.page.get_by_text("No connection")).to_have_count(0)
    await sam.picture("console-back")
    said = [
        event.data.text
        for event in await house.events(jonas.conversation)
        if isinstance(event.data, ev.CustomerSaid | ev.StaffSaid)
    ]
    assert sorted(said[1:]) == ["Are you there?", "I am.", "I wait."]
    assert said.index("Are you there?") < said.index("I wait.")


async def test_a_browser_without_a_network_says_so(street: Street, house: House) -> None:
    street.gateway_was_away = True
    visitor = await street.shopper()
    await visitor.page.context.set_offline(True)

    await visitor.say("Which size fits me?")
    await expect(visitor.chat.get_by_text("1 message will follow.")).to_be_visible()
    await expect(visitor.chat.get_by_text("You are offline.")).to_be_visible()
    await visitor.picture("chat-offline")
    await visitor.page.context.set_offline(False)

    await expect(visitor.bubble("By chest")).to_be_visible()
    await expect(visitor.bubble("Which size fits me?")).to_have_count(1)
    await expect(visitor.chat.get_by_text("You are offline")).to_have_count(0)
    said = [event.data for event in await house.events(visitor.conversation)]
    assert sum(isinstance(data, ev.CustomerSaid) for data in said) == 1
