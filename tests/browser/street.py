"""Where people come from, each with a browser profile of their own, and what they complained of."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, BrowserContext

from tests.browser.house import House
from tests.browser.screens import Console, Screen, Shopper

PATIENCE_MS = 10_000
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
OFFLINE_COMPLAINTS = ("WebSocket connection to", "Failed to load resource")


class Street:
    """The people of one test; whoever is signed in as a customer begins anew in the next."""

    def __init__(self, chromium: Browser, house: House) -> None:
        self._chromium = chromium
        self._house = house
        self._contexts: list[BrowserContext] = []
        self._screens: list[Screen] = []
        self._signed_in: set[str] = set()
        self.gateway_was_away = False

    async def shopper(self, name: str = "nobody", *, phone: bool = False) -> Shopper:
        """A customer signed in as one of the shop's, or nobody, with the chat open."""
        return await self.tab(await self.profile(phone=phone), name)

    async def tab(self, profile: BrowserContext, name: str) -> Shopper:
        """One more tab of a customer."""
        shopper = Shopper(await profile.new_page())
        self._screens.append(shopper)
        self._signed_in |= {name} - {"nobody"}
        await shopper.come(f"{self._house.url}/?as={name}")
        return shopper

    async def staff(self, name: str, *, phone: bool = False) -> Console:
        """Somebody at the console, signed in by a link."""
        console = Console(await (await self.profile(phone=phone)).new_page())
        self._screens.append(console)
        await console.sign_in(await self._house.sign_in_link(name))
        return console

    async def stranger(self) -> Console:
        """Somebody not signed in; browsers complain of refusals, so that is not counted."""
        return Console(await (await self.profile()).new_page())

    async def profile(self, *, phone: bool = False) -> BrowserContext:
        """A fresh browser profile."""
        context = await self._chromium.new_context(**(PHONE if phone else DESKTOP))
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        return context

    async def empty(self) -> None:
        """Everybody leaves."""
        for context in self._contexts:
            await context.close()
        for customer in self._signed_in:
            await self._house.end_conversation(customer)

    @property
    def complaints(self) -> list[str]:
        """What the browsers complained of: errors, warnings, refused content."""
        found = [text for screen in self._screens for text in screen.complaints]
        if self.gateway_was_away:
            found = [text for text in found if not text.startswith(OFFLINE_COMPLAINTS)]
        return found
