"""The shop's page in a real browser, without the gateway: who one is, and one's orders."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.demo.conftest import Shop


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield await chromium.new_page()
        await chromium.close()


async def test_the_page_is_signed_in_and_switches_its_customer(tarnfield: Shop, page: Page) -> None:
    await page.goto(tarnfield.url)
    await expect(page.get_by_label("Signed in as")).to_have_value("jonas")
    await expect(page.locator(".order")).to_have_count(4)
    await expect(page.get_by_text("I want my money back for TF-20871.")).to_be_visible()

    await page.get_by_label("Signed in as").select_option("elena")
    await expect(page.get_by_text("TF-20889, expected")).to_be_visible()
    assert await page.evaluate("window.handrail.token()")

    await page.goto(f"{tarnfield.url}/?as=nobody")
    await expect(page.get_by_label("Signed in as")).to_have_value("")
    await expect(page.locator("#orders")).to_be_hidden()
    assert await page.evaluate("window.handrail.token()") is None


async def test_a_refund_shows_in_the_list_by_itself(tarnfield: Shop, page: Page) -> None:
    await page.clock.install()
    await page.goto(f"{tarnfield.url}/?as=elena")
    order = page.locator(".order", has_text="TF-20655")
    await expect(order).to_contain_text("Delivered")

    refund = {"order_id": "TF-20655", "amount": 62}
    await tarnfield.call("issue_refund", refund, customer="elena", key="k1")

    await page.clock.run_for(5_000)
    await expect(order).to_contain_text("Refunded")
