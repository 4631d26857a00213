"""Staff sign in, by a link or by a password."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.house import PASSWORD, House
from tests.browser.street import Street

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_link_signs_in_once(street: Street, house: House) -> None:
    link = await house.sign_in_link("Sam")
    first = await street.stranger()
    await first.sign_in(link)
    assert "signin" not in first.page.url
    await first.page.reload()
    await expect(first.page.get_by_role("heading", name="Inbox")).to_be_visible()

    second = await street.stranger()
    await second.page.goto(link)
    await expect(second.page.get_by_text("This sign-in link was used")).to_be_visible()
    await second.picture("console-sign-in")


async def test_a_wrong_password_is_refused_and_the_right_one_taken(
    street: Street, house: House
) -> None:
    console = await street.stranger()
    await console.page.goto(f"{house.url}/console/")
    await console.page.get_by_label("E-mail").fill("sam@tarnfield.example")
    await console.page.get_by_label("Password").fill("not the right one")
    await console.press("Sign in").click()
    await expect(console.page.get_by_role("alert")).to_contain_text("password is wrong")
    await console.picture("console-refused")

    await console.page.get_by_label("Password").fill(PASSWORD)
    await console.press("Sign in").click()
    await expect(console.page.get_by_role("heading", name="Inbox")).to_be_visible()
    await console.press("Sam").click()
    await console.press("Sign out").click()
    await expect(console.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await console.page.reload()
    await expect(console.page.get_by_role("heading", name="Sign in")).to_be_visible()
