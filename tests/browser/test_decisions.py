"""Job 4: people change what is held, ask before they decide, act themselves and settle doubts."""

from __future__ import annotations

from asyncio import gather
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, expect
from pytest_asyncio import fixture

from tests.browser.house import CONFIGURED_SHOP, House
from tests.browser.screens import Console
from tests.browser.street import Street
from tests.doubles.tools import Status, ToolsDouble, tools_double

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVER_50 = '      - { when: "money.minor > 5000", then: hold, because: "over $50" }'
OVER_150 = '      - { when: "money.minor > 15000", then: hold, approvers: 2, because: "over $150" }'


@fixture(scope="module", loop_scope="session")
async def tools() -> AsyncIterator[ToolsDouble]:
    """What cancels orders here: it is always broken."""
    async with tools_double() as double:
        double.answers("cancel_order", Status(500))
        yield double


@fixture(scope="module", loop_scope="session")
async def house(
    tmp_path_factory: pytest.TempPathFactory, tools: ToolsDouble
) -> AsyncIterator[House]:
    """The product, with a rule that asks for two people."""
    changes = {
        OVER_50: f"{OVER_150}\n{OVER_50}",
        f"{CONFIGURED_SHOP}/tools/cancel_order": tools.url("cancel_order"),
    }
    house = await House(tmp_path_factory.mktemp("house"), changes=changes).open()
    yield house
    await house.close()


def focused(console: Console) -> Locator:
    return console.page.locator(":focus")


async def approve(console: Console) -> None:
    await console.page.keyboard.press("a")
    await expect(console.press("Press Enter to approve")).to_be_focused()
    await console.page.keyboard.press("Enter")


async def refund(console: Console, order: str, amount: str) -> None:
    """Fill the form of an action in, and send it, by keyboard."""
    await console.press("Action").click()
    keys = console.page.keyboard
    await expect(focused(console)).to_have_accessible_name("Action")
    await keys.type("Refund")
    await keys.press("Tab")
    await expect(focused(console)).to_have_accessible_name("order_id")
    await keys.type(order)
    await console.page.get_by_label("amount").focus()
    await keys.type(amount)
    await console.picture("console-action-form")
    await keys.press("Control+Enter")


async def test_a_lowered_amount_is_approved_by_who_lowered_it(street: Street, house: House) -> None:
    priya, dana = await gather(street.shopper("priya"), street.staff("Dana"))
    await priya.ask_for_refund("TF-20847")
    await dana.open_hold("Priya Nair")
    keys = dana.page.keyboard

    await keys.press("e")
    await expect(focused(dana)).to_have_accessible_name("amount")
    await expect(dana.press("Save as a new revision")).to_be_disabled()
    await keys.press("Escape")
    await expect(dana.press("Approve $128.00")).to_be_visible()
    await expect(dana.press("Edit")).to_be_focused()
    await keys.press("e")
    await keys.press("Control+a")
    await keys.type("100")
    await dana.picture("console-hold-edit")
    await keys.press("Control+Enter")

    await expect(dana.action).to_contain_text("Done")
    await expect(dana.action).to_contain_text("revision 2")
    await expect(priya.hold).to_contain_text("$100.00")
    await expect(priya.hold).to_contain_text("Done")
    await expect(priya.bubble("$100.00 for TF-20847 is paid back")).to_be_visible()
    await expect(priya.being_written).to_have_count(0)
    await dana.picture("console-hold-lowered")
    await priya.picture("chat-lowered")
    await dana.action.get_by_role("link", name="Open").click()
    await dana.press("Details").last.click()
    await expect(dana.messages).to_contain_text('"amount": 100')
    await expect(dana.messages).not_to_contain_text('"amount": 128')
    await expect(
        dana.page.get_by_role("region", name="About this conversation")
    ).not_to_contain_text("$128.00")
    await dana.picture("console-thread-lowered")
    assert "$128.00 for TF-20847 is paid back" not in priya.everything
    assert "I cannot tell" not in priya.everything
    assert await house.paid("TF-20847") == [100]


async def test_a_raised_amount_needs_somebody_else(street: Street, house: House) -> None:
    jonas, dana, noor = await gather(
        street.shopper("jonas"), street.staff("Dana"), street.staff("Noor")
    )
    await jonas.ask_for_refund("TF-20904", amount="$60")
    await dana.open_hold("Jonas Albrecht")
    await dana.page.keyboard.press("e")
    amount = dana.page.get_by_role("textbox", name="amount")
    await amount.fill("six")
    await expect(dana.action).to_contain_text("Not a number.")
    await expect(dana.press("Save as a new revision")).to_be_disabled()
    await amount.fill("65.001")
    await amount.press("Control+Enter")
    await expect(dana.action.get_by_role("alert")).to_be_visible()
    await dana.picture("console-hold-edit-refused")
    await amount.fill("65")
    await amount.press("Control+Enter")

    await expect(dana.action).to_contain_text("You asked for this; somebody else approves it.")
    await expect(dana.action).to_contain_text("Dana changed it, revision 2")
    await expect(dana.press("Approve")).to_have_count(0)
    await dana.picture("console-hold-raised")
    assert await house.paid("TF-20904") == []
    await noor.open_hold("Jonas Albrecht")
    await approve(noor)

    await expect(jonas.hold).to_contain_text("Done")
    assert await house.paid("TF-20904") == [65]


async def test_the_customer_is_asked_in_the_chat_and_answers_there(
    street: Street, house: House
) -> None:
    elena, dana = await gather(street.shopper("elena"), street.staff("Dana"))
    await elena.ask_for_refund("TF-20655")
    await dana.open_hold("Elena Marchetti")
    await elena.press("Close chat").click()
    keys = dana.page.keyboard

    await keys.press("q")
    await expect(focused(dana)).to_have_accessible_name("Question")
    await expect(dana.press("Ask Elena")).to_be_disabled()
    await keys.type("Is the lantern <b>broken</b>, or unused?")
    await dana.picture("console-hold-ask")
    await keys.press("Control+Enter")

    await expect(dana.action).to_contain_text("Waiting for an answer")
    await expect(dana.action).to_contain_text("has not answered yet")
    await dana.picture("console-hold-asked")
    await elena.page.get_by_role("button", name="1 unread").click()
    await expect(elena.hold).to_contain_text("Is the lantern <b>broken</b>, or unused?")
    answer = elena.hold.get_by_role("textbox", name="Your answer")
    await expect(answer).to_be_in_viewport(ratio=1)
    await expect(elena.hold.get_by_role("button", name="Send answer")).to_be_disabled()
    await answer.fill("Unused, still in its box.")
    await elena.picture("chat-question")
    await answer.press("Tab")
    await elena.page.keyboard.press("Enter")

    await expect(answer).to_have_count(0)
    await expect(elena.hold).to_be_focused()
    await expect(elena.hold).to_contain_text("Nothing has been paid yet.")
    await expect(dana.action).to_contain_text("Unused, still in its box.")
    await dana.picture("console-hold-answered")
    assert await house.paid("TF-20655") == []
    await approve(dana)
    await expect(elena.hold).to_contain_text("Done")
    await expect(elena.bubble("$62.00 for TF-20655 is paid back")).to_be_visible()
    await expect(elena.being_written).to_have_count(0)
    await elena.picture("chat-answered")
    assert "demo model with simple rules" not in elena.everything
    assert await house.paid("TF-20655") == [62]


async def test_a_colleague_is_asked_and_answers_on_the_card(street: Street, house: House) -> None:
    elena, dana, sam = await gather(
        street.shopper("elena"), street.staff("Dana"), street.staff("Sam")
    )
    await elena.ask_for_refund("TF-20889", amount="$70")
    await dana.open_hold("Elena Marchetti")
    await sam.open_hold("Elena Marchetti")
    await dana.page.keyboard.press("q")
    await dana.page.keyboard.type("Did the parcel come back?")
    await dana.page.keyboard.press("Tab")
    await expect(focused(dana)).to_have_accessible_name("Elena")
    await dana.page.keyboard.press("ArrowRight")
    await expect(dana.press("Ask the agent")).to_be_enabled()
    await dana.page.keyboard.press("Control+Enter")

    await expect(elena.hold).to_contain_text("A colleague checks a detail first.")
    assert "Did the parcel come back?" not in elena.everything
    await sam.press("Answer").click()
    await expect(focused(sam)).to_have_accessible_name("Answer")
    await sam.page.keyboard.type("It did, on Monday.")
    await sam.picture("console-hold-answer")
    await sam.page.keyboard.press("Control+Enter")

    await expect(dana.action).to_contain_text("It did, on Monday.")
    await approve(dana)
    await expect(elena.hold).to_contain_text("Done")
    assert await house.paid("TF-20889") == [70]
    assert "It did, on Monday." not in elena.everything


async def test_an_agents_refund_over_the_threshold_waits_for_a_supervisor(
    street: Street, house: House
) -> None:
    jonas, sam, dana = await gather(
        street.shopper("jonas"), street.staff("Sam"), street.staff("Dana")
    )
    await jonas.say("Can I talk to a person?")
    await sam.watch("Line", "Jonas Albrecht")
    await sam.press("Accept").click()
    await sam.reply("I pay that back.")
    await expect(jonas.bubble("I pay that back.")).to_be_visible()

    await refund(sam, "TF-20316", "80")
    await expect(sam.page.get_by_role("form", name="Action")).to_have_count(0)
    await expect(sam.messages).to_contain_text("Refund of $80.00 is held")
    await sam.picture("console-action-held")
    await sam.open_hold("Jonas Albrecht")
    await expect(sam.action).to_contain_text("asked for by Sam")
    await expect(sam.press("Approve")).to_have_count(0)
    await expect(jonas.hold).to_contain_text("Nothing has been paid yet.")
    assert await house.paid("TF-20316") == []

    await dana.open_hold("Jonas Albrecht")
    await approve(dana)
    await expect(jonas.hold).to_contain_text("Done")
    await expect(jonas.messages.get_by_text("Done: Refund of $80.00")).to_be_visible()
    await jonas.picture("chat-staff-refund")
    assert await house.paid("TF-20316") == [80]


async def test_nobody_approves_what_they_asked_for(street: Street, house: House) -> None:
    priya, dana, noor = await gather(
        street.shopper("priya"), street.staff("Dana"), street.staff("Noor")
    )
    await priya.say("Can I talk to a person?")
    await dana.watch("Line", "Priya Nair")
    await dana.press("Accept").click()
    await refund(dana, "TF-20927", "60")
    await dana.open_hold("Priya Nair")
    await expect(dana.action).to_contain_text("You asked for this; somebody else approves it.")
    await dana.page.keyboard.press("a")
    await expect(dana.press("Press Enter")).to_have_count(0)
    await expect(dana.press("Approve")).to_have_count(0)
    await expect(dana.press("Reject")).to_be_visible()
    await dana.picture("console-hold-own")

    await noor.open_hold("Priya Nair")
    await approve(noor)
    await expect(dana.action).to_contain_text("approved by Noor")
    await expect(priya.hold).to_contain_text("Done")
    assert await house.paid("TF-20927") == [60]


async def test_what_the_rules_allow_runs_at_once(street: Street, house: House) -> None:
    elena, sam = await gather(street.shopper("elena"), street.staff("Sam"))
    await elena.say("Can I talk to a person?")
    await sam.watch("Line", "Elena Marchetti")
    await sam.press("Accept").click()

    await sam.press("Action").click()
    await sam.page.keyboard.type("Look an order up")
    await expect(sam.press("Look it up")).to_be_disabled()
    await sam.page.keyboard.press("Tab")
    await sam.page.keyboard.type("TF-20702")
    await sam.page.keyboard.press("Control+Enter")
    await expect(sam.reply_field).to_be_focused()
    await sam.press("Details").click()
    await expect(sam.messages).to_contain_text('"refundable": 28')
    await sam.picture("console-action-read")
    await refund(sam, "TF-20702", "10")

    await expect(sam.messages).to_contain_text("issue_refund(TF-20702, 10)by youdone")
    await sam.picture("console-action-done")
    assert await house.paid("TF-20702") == [10]
    assert "refundable" not in elena.everything


async def test_a_denied_action_says_why_and_does_nothing(street: Street, house: House) -> None:
    elena, sam = await gather(street.shopper("elena"), street.staff("Sam"))
    await elena.say("Can I talk to a person?")
    await sam.watch("Line", "Elena Marchetti")
    await sam.press("Accept").click()

    await refund(sam, "TF-20519", "10")

    refused = sam.page.get_by_role("form", name="Action").get_by_role("alert")
    await expect(refused).to_have_text("Nothing was done: not this customer's order")
    await sam.picture("console-action-denied")
    await sam.page.keyboard.press("Escape")
    await expect(sam.page.get_by_role("form", name="Action")).to_have_count(0)
    assert await house.paid("TF-20519") == []


async def test_a_large_refund_takes_two_people(street: Street, house: House) -> None:
    jonas, dana, noor = await gather(
        street.shopper("jonas"), street.staff("Dana"), street.staff("Noor")
    )
    await jonas.ask_for_refund("TF-20871")
    await dana.open_hold("Jonas Albrecht")
    await noor.open_hold("Jonas Albrecht")
    await expect(dana.action).to_contain_text("0 of 2 approvals")

    await approve(dana)
    await expect(dana.action).to_contain_text("You have approved it; somebody else must, too.")
    await expect(dana.press("Approve")).to_have_count(0)
    await expect(noor.action).to_contain_text("1 of 2 approvals")
    await expect(noor.row("Jonas Albrecht")).to_contain_text("1 of 2")
    await dana.picture("console-hold-two")
    assert await house.paid("TF-20871") == []
    await approve(noor)

    await expect(jonas.hold).to_contain_text("Done")
    await expect(noor.action).to_contain_text("Done")
    assert await house.paid("TF-20871") == [180]


async def test_an_unknown_outcome_is_settled_with_a_reference(
    street: Street, tools: ToolsDouble
) -> None:
    jonas, dana = await gather(street.shopper("jonas"), street.staff("Dana"))
    await jonas.say("Please cancel TF-20931")
    await expect(jonas.bubble("Shall I cancel it?")).to_be_visible()
    await jonas.say("Yes")
    await expect(jonas.messages.get_by_text("a person will check it")).to_be_visible()
    await jonas.picture("chat-unknown")

    await dana.open_hold("Jonas Albrecht")
    await expect(dana.action).to_contain_text("Outcome not known")
    await expect(dana.press("Approve")).to_have_count(0)
    await dana.press("Settle").click()
    await expect(focused(dana)).to_have_accessible_name("It ran")
    await dana.page.keyboard.press("Space")
    ran = dana.page.get_by_role("form", name="Settle").get_by_role("button", name="It ran")
    await expect(ran).to_be_disabled()
    await dana.page.keyboard.press("Tab")
    await expect(focused(dana)).to_have_accessible_name("Reference")
    await dana.page.keyboard.type("ledger 4711")
    await dana.picture("console-hold-settle")
    await expect(ran).to_be_enabled()
    await dana.page.keyboard.press("Control+Enter")

    await expect(dana.action).to_contain_text("Settled by a person. Reference: ledger 4711")
    await expect(jonas.messages.get_by_text("Done: Cancellation")).to_be_visible()
    await dana.picture("console-hold-settled")
    assert len({asked.key for asked in tools.calls("cancel_order")}) == 1


async def test_a_customer_withdraws_while_somebody_asks(street: Street, house: House) -> None:
    elena, dana = await gather(street.shopper("elena"), street.staff("Dana"))
    await elena.ask_for_refund("TF-20889", amount="$60")
    await dana.open_hold("Elena Marchetti")
    await dana.page.keyboard.press("q")
    await dana.page.keyboard.type("What happened?")

    await elena.hold.get_by_role("button", name="Withdraw request").click()
    question = elena.messages.get_by_role("alertdialog", name="Withdraw the request?")
    await question.get_by_role("button", name="Withdraw", exact=True).click()

    await expect(dana.action).to_contain_text("Withdrawn")
    await expect(dana.page.get_by_role("form", name="Ask")).to_have_count(0)
    await expect(dana.press("Approve")).to_have_count(0)
    await expect(elena.hold).to_contain_text("You withdrew this")
    assert "What happened?" not in elena.everything


async def test_every_form_fits_a_phone(street: Street) -> None:
    priya, dana = await gather(
        street.shopper("priya", phone=True), street.staff("Dana", phone=True)
    )
    await priya.ask_for_refund("TF-20927", amount="$70")
    await dana.open_hold("Priya Nair")
    for name in ("Edit", "Reject"):
        await dana.press(name).tap()
        form = dana.page.get_by_role("form", name=name)
        await expect(form.get_by_role("button", name="Cancel")).to_be_in_viewport(ratio=1)
        assert await dana.page.evaluate("document.body.scrollWidth <= innerWidth")
        await dana.picture(f"console-phone-{name.lower()}")
        await form.get_by_role("button", name="Cancel").tap()

    await dana.press("Ask").tap()
    await dana.page.get_by_role("textbox", name="Question").fill("Which of the two?")
    await dana.picture("console-phone-ask")
    await dana.press("Ask Priya").tap()
    await expect(priya.hold.get_by_role("textbox", name="Your answer")).to_be_in_viewport(ratio=1)
    await priya.picture("phone-question")
