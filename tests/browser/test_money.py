"""Job 3: a refund above the threshold waits for a supervisor, and is then paid once."""

from __future__ import annotations

from asyncio import gather

import pytest
from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONGER_THAN_A_DOUBLE_CLICK_MS = 450


async def test_a_refund_is_approved_by_keyboard_and_paid_once(street: Street, house: House) -> None:
    jonas, sam, dana = await gather(
        street.shopper("jonas"), street.staff("Sam"), street.staff("Dana")
    )
    await jonas.ask_for_refund("TF-20871")
    await expect(jonas.hold).to_contain_text("Refund of $180.00")
    await jonas.picture("chat-held")

    await sam.open_hold("Jonas Albrecht")
    await expect(sam.action).to_contain_text("Supervisors and admins decide on this.")
    await expect(sam.press("Approve")).to_have_count(0)
    await sam.page.keyboard.press("a")
    await sam.page.keyboard.press("Enter")
    await sam.picture("console-hold-agent")

    await dana.open_hold("Jonas Albrecht")
    await expect(dana.action).to_contain_text("Over $50")
    await expect(dana.action).to_contain_text("Skerry rain jacket, M")
    await dana.picture("console-hold")
    await dana.page.keyboard.press("Enter")
    await dana.page.keyboard.press("a")
    await expect(dana.press("Press Enter to approve $180.00")).to_be_focused()
    await dana.page.keyboard.press("Escape")
    await expect(dana.press("Approve $180.00")).to_be_visible()
    assert await house.paid("TF-20871") == []
    await dana.page.keyboard.press("a")
    await dana.page.keyboard.press("Enter")

    await expect(dana.action).to_contain_text("Done · approved by you")
    await expect(jonas.hold).to_contain_text("Done")
    await expect(jonas.hold.get_by_role("button")).to_have_count(0)
    await expect(jonas.bubble("$180.00 for TF-20871 is paid back")).to_be_visible()
    await expect(jonas.being_written).to_have_count(0)
    await jonas.picture("chat-paid")
    await dana.picture("console-hold-done")
    await expect(sam.action).to_contain_text("approved by Dana")
    assert await house.paid("TF-20871") == [180]

    await jonas.page.reload()
    order = jonas.page.locator(".order", has_text="TF-20871")
    await expect(order).to_contain_text("Refunded")
    await jonas.page.get_by_role("button", name="Open chat").click()
    await expect(jonas.hold).to_contain_text("Done")


async def test_an_armed_approval_lapses_and_a_click_arms_it_too(
    street: Street, house: House
) -> None:
    elena, sam, dana = await gather(
        street.shopper("elena"), street.staff("Sam"), street.staff("Dana")
    )
    await elena.ask_for_refund("TF-20655")
    await sam.watch("Assistant live", "Elena Marchetti")
    await sam.press("Take over").click()
    await expect(elena.messages.get_by_text("Sam has joined")).to_be_visible()
    await dana.open_hold("Elena Marchetti")

    await dana.press("Approve $62.00").dblclick()
    await expect(dana.press("Press Enter to approve")).to_be_visible()
    await dana.picture("console-hold-armed")
    await expect(dana.press("Approve $62.00")).to_be_visible()
    assert await house.paid("TF-20655") == []
    await dana.press("Approve $62.00").click()
    await expect(dana.press("Press Enter to approve")).to_be_visible()
    await dana.press("Press Enter to approve").click(delay=LONGER_THAN_A_DOUBLE_CLICK_MS)

    await expect(elena.hold).to_contain_text("Done")
    await expect(elena.messages.get_by_text("Done: Refund of $62.00")).to_be_visible()
    assert await house.paid("TF-20655") == [62]


async def test_a_rejection_is_told_with_its_reason(street: Street, house: House) -> None:
    priya, dana = await gather(street.shopper("priya"), street.staff("Dana"))
    await priya.ask_for_refund("TF-20847")
    await dana.open_hold("Priya Nair")

    await dana.page.keyboard.press("r")
    reason = dana.page.get_by_role("textbox", name="Why not?")
    await reason.fill("The pack was <b>worn</b> for a summer.")
    await dana.picture("console-hold-reject")
    await dana.press("Reject $128.00").click()

    await expect(priya.hold).to_contain_text("“The pack was <b>worn</b> for a summer.”")
    await expect(priya.hold).to_contain_text("Nothing has been paid.")
    await expect(priya.bubble("The pack was <b>worn</b> for a summer")).to_be_visible()
    await expect(priya.being_written).to_have_count(0)
    await expect(dana.action).to_contain_text("Rejected")
    await priya.picture("chat-rejected")
    await dana.picture("console-hold-rejected")
    assert await house.paid("TF-20847") == []


async def test_a_customer_goes_on_talking_and_withdraws_a_request(
    street: Street, house: House
) -> None:
    jonas, dana = await gather(street.shopper("jonas"), street.staff("Dana"))
    await jonas.ask_for_refund("TF-20904")
    for number in (1, 2):
        await jonas.say(f"Is a broken zip covered? Question {number}")
        await expect(jonas.bubble(f"Question {number}")).to_be_in_viewport()
        await expect(jonas.bubble("two years")).to_have_count(number)
        await expect(jonas.bubble("two years").last).to_be_in_viewport(ratio=1)
    await dana.open_hold("Jonas Albrecht")

    await jonas.hold.get_by_role("button", name="Withdraw request").click()
    question = jonas.messages.get_by_role("alertdialog", name="Withdraw the request?")
    await expect(question.get_by_role("button", name="Keep it")).to_be_focused()
    await jonas.picture("chat-withdraw-question")
    await question.get_by_role("button", name="Withdraw", exact=True).click()

    await expect(jonas.hold).to_contain_text("You withdrew this")
    await jonas.picture("chat-withdrawn")
    await expect(dana.action).to_contain_text("Withdrawn")
    await expect(dana.press("Approve")).to_have_count(0)
    assert await house.paid("TF-20904") == []


async def test_a_refund_on_phones(street: Street) -> None:
    priya, dana = await gather(
        street.shopper("priya", phone=True), street.staff("Dana", phone=True)
    )
    await priya.say("Please cancel TF-20927")
    await expect(priya.bubble("Shall I cancel it?")).to_be_visible()
    await priya.say("Refund $300 for TF-20927 instead")
    await expect(priya.hold).to_contain_text("Nothing has been paid yet.")
    await priya.picture("phone-held")

    await dana.open_hold("Priya Nair")
    await dana.picture("console-phone-hold")
