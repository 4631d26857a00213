"""A supervisor keeps somebody out for a while, and lets them in again."""

from __future__ import annotations

from asyncio import gather

import pytest
from playwright.async_api import expect

from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_supervisor_blocks_a_customer_and_lifts_it(street: Street) -> None:
    jonas, sam, dana = await gather(
        street.shopper("jonas"), street.staff("Sam"), street.staff("Dana")
    )
    await jonas.say("Where is order TF-20904?")
    await sam.watch("Assistant live", "Jonas Albrecht")
    await expect(sam.page.get_by_role("form", name="Limit this customer")).to_have_count(0)
    await dana.watch("Assistant live", "Jonas Albrecht")
    form = dana.page.get_by_role("form", name="Limit this customer")
    await dana.picture("console-limit")

    await form.get_by_label("What they may do").select_option("blocked")
    await form.get_by_label("For how long").select_option("for an hour")
    await dana.press("Block").click()
    context = dana.page.get_by_role("region", name="About this conversation")
    await expect(context).to_contain_text("Blocked")
    await expect(sam.page.get_by_role("region", name="About this conversation")).to_contain_text(
        "Blocked"
    )
    await expect(jonas.chat.get_by_text("The chat could not be opened")).to_be_visible()
    await jonas.picture("chat-blocked")
    await dana.picture("console-blocked")

    await dana.press("Lift it").click()
    await expect(form).to_be_visible()
    await jonas.page.reload()
    await jonas.page.get_by_role("button", name="Open chat").click()
    await expect(jonas.messages).to_contain_text("Where is order TF-20904?")
