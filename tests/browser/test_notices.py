"""What is wrong with the house itself is told to the staff, and that it is over."""

from __future__ import annotations

from asyncio import gather

import pytest
from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTICED_WITHIN_MS = 30_000


async def test_staff_are_told_when_nobody_takes_the_work(street: Street, house: House) -> None:
    street.gateway_was_away = True
    jonas, dana = await gather(street.shopper("jonas"), street.staff("Dana"))
    notice = dana.page.get_by_role("status").filter(has_text="no worker takes the work")
    over = dana.page.get_by_role("status").filter(has_text="work is taken again")

    async with house.without_workers():
        await jonas.say("Where is order TF-20904?")
        await expect(notice).to_be_visible(timeout=NOTICED_WITHIN_MS)
        await dana.picture("console-notice")
        async with house.without_gateway():
            await expect(dana.page.get_by_text("No connection")).to_be_visible()
        await expect(dana.page.get_by_text("No connection")).to_have_count(0)
        await expect(notice).to_be_visible(timeout=NOTICED_WITHIN_MS)

    await expect(jonas.bubble("TF-20904 is on its way")).to_be_visible(timeout=NOTICED_WITHIN_MS)
    await expect(over).to_be_visible(timeout=NOTICED_WITHIN_MS)
    await expect(notice).to_have_count(0)
    await dana.press("Dismiss").click()
    await expect(over).to_have_count(0)
