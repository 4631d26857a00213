"""Before the assistant is certified, people see each of its replies before the customer does."""

from __future__ import annotations

from asyncio import gather
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect
from pytest_asyncio import fixture

from tests.browser.house import House
from tests.browser.screens import Console
from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")


@fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The product, with an assistant that may not speak by itself yet."""
    changes = {"before_certified: send": "before_certified: draft"}
    house = await House(tmp_path_factory.mktemp("house"), changes=changes).open()
    yield house
    await house.close()


async def open_draft(console: Console, customer: str) -> None:
    await console.row(customer).click()
    await expect(console.action).to_contain_text("What would be said")


async def test_a_draft_is_sent_by_whoever_reads_it_first(street: Street) -> None:
    jonas, sam = await gather(street.shopper("jonas"), street.staff("Sam"))
    await jonas.say("Where is order TF-20904?")
    await sam.choose("Holds")
    await open_draft(sam, "Jonas Albrecht")
    await expect(sam.action).to_contain_text("TF-20904 is on its way")
    assert "is on its way" not in jonas.everything
    await sam.picture("console-draft")
    await jonas.picture("chat-draft")

    await sam.page.keyboard.press("a")
    await expect(sam.press("Press Enter to send the reply")).to_be_focused()
    await sam.page.keyboard.press("Enter")

    await expect(jonas.bubble("TF-20904 is on its way")).to_be_visible()
    await expect(sam.action).to_contain_text("The customer has it.")
    await sam.picture("console-draft-sent")


async def test_a_draft_is_sent_in_other_words(street: Street) -> None:
    elena, sam = await gather(street.shopper("elena"), street.staff("Sam"))
    await elena.say("Where is order TF-20889?")
    await sam.choose("Holds")
    await open_draft(sam, "Elena Marchetti")

    await sam.page.keyboard.press("e")
    await expect(sam.page.locator(":focus")).to_have_accessible_name("Reply")
    await expect(sam.press("Send as edited")).to_be_disabled()
    await sam.page.keyboard.press("Control+a")
    await sam.page.keyboard.type("It is late; I am sorry.")
    await sam.picture("console-draft-edit")
    await sam.page.keyboard.press("Control+Enter")

    await expect(elena.bubble("It is late; I am sorry.")).to_be_visible()
    assert "holds it up" not in elena.everything
    await sam.action.get_by_role("link", name="Open").click()
    await expect(sam.message("It is late; I am sorry.")).to_be_visible()
    await sam.picture("console-draft-thread")


async def test_a_draft_turned_down_twice_brings_a_person(street: Street) -> None:
    priya, sam = await gather(street.shopper("priya"), street.staff("Sam"))
    await priya.say("Where is order TF-20847?")
    await sam.choose("Holds")
    for number in (1, 2):
        await open_draft(sam, "Priya Nair")
        await sam.page.keyboard.press("r")
        await sam.page.get_by_role("textbox", name="Why not?").fill("Too short.")
        await sam.picture(f"console-draft-reject-{number}")
        await sam.page.keyboard.press("Control+Enter")
        await expect(sam.action).to_contain_text("Rejected")

    await expect(priya.messages.get_by_text("I'd rather not give you")).to_be_visible()
    assert "TF-20847 was" not in priya.everything
    assert "Too short." not in priya.everything
