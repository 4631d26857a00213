"""What the browser tests share: a browser, the product running, and the people who use it.

All share one running product: who was signed in as a customer begins anew in the next test.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect
from pytest_asyncio import fixture

from tests.browser.house import House
from tests.browser.street import PATIENCE_MS, Street

expect.set_options(timeout=PATIENCE_MS)


@fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        await browser.close()


@fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The product, with the demo's model."""
    house = await House(tmp_path_factory.mktemp("house")).open()
    yield house
    await house.close()


@fixture(loop_scope="session")
async def street(chromium: Browser, house: House) -> AsyncIterator[Street]:
    """The people of one test; no page of theirs may complain."""
    street = Street(chromium, house)
    yield street
    await street.empty()
    assert street.complaints == []
