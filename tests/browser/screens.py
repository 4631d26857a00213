"""What people see: a customer's shop page with the chat open, and the console of the staff."""

from __future__ import annotations

import re
from typing import Literal

from playwright.async_api import ConsoleMessage, Locator, Page, WebSocket, expect

from tests.browser.program import ROOT

PICTURES = ROOT / "screenshots"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CONVERSATION = re.compile(r'"conversation":"(c_\w+)"')


class Screen:
    """A page, with all that its sockets were sent and what the browser complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.received: list[str] = []
        self.complaints: list[str] = []
        page.on("websocket", self._listen)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def picture(self, name: str) -> None:
        """Keep how it looks, by day and by night."""
        PICTURES.mkdir(exist_ok=True)
        for scheme in SCHEMES:
            await self.page.emulate_media(color_scheme=scheme)
            path = PICTURES / f"{name}-{scheme}.png"
            await self.page.screenshot(path=path, animations="disabled")
        await self.page.emulate_media(color_scheme="light")

    @property
    def everything(self) -> str:
        """All that came over its sockets."""
        return "\n".join(self.received)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.received.append(str(frame)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


class Shopper(Screen):
    """A customer with the chat open."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.chat = page.get_by_role("dialog", name="Chat with Ada")
        self.messages = self.chat.get_by_role("log", name="Messages")
        self.field = self.chat.get_by_role("textbox")
        self.being_written = self.messages.locator("[aria-busy=true]")
        self.hold = self.messages.get_by_role("article", name="Refund").last
        self.place = self.messages.get_by_role("article", name="Your place in line")

    async def come(self, url: str) -> None:
        """Open the shop's page, and the chat on it."""
        await self.page.goto(url)
        await self.page.get_by_role("button", name="Open chat").click()
        await expect(self.field).to_be_focused()

    async def say(self, text: str) -> None:
        """Write something and send it."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def ask_for_refund(self, order: str, *, amount: str = "") -> None:
        """Ask for all of an order's money or for some, and be told that people decide."""
        some, whole = f"Refund {amount} for {order}.", f"I want my money back for {order}."
        await self.say(some if amount else whole)
        await expect(self.bubble("A colleague must approve it first")).to_be_visible()
        await expect(self.being_written).to_have_count(0)
        await expect(self.hold).to_contain_text("Nothing has been paid yet.")

    def bubble(self, text: str) -> Locator:
        """What somebody said."""
        return self.messages.locator(".b", has_text=text)

    def press(self, name: str) -> Locator:
        """A button of the chat."""
        return self.chat.get_by_role("button", name=name)

    @property
    def conversation(self) -> str:
        """The id of the conversation, as the socket told it."""
        found: list[str] = CONVERSATION.findall(self.everything)
        return found[-1]


class Console(Screen):
    """Somebody of the staff, signed in."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.messages = page.get_by_role("log", name="Messages")
        self.reply_field = page.get_by_role("textbox", name=re.compile("^Reply to"))
        self.note_field = page.get_by_role("textbox", name="Internal note")
        self.action = page.get_by_role("main", name="Held action")

    async def sign_in(self, link: str) -> None:
        """Open a sign-in link."""
        await self.page.goto(link)
        await expect(self.page.get_by_role("heading", name="Inbox")).to_be_visible()

    async def choose(self, view: str) -> None:
        """Open a list by its name."""
        entries = self.page.get_by_role("navigation", name="Lists")
        await entries.get_by_role("link", name=view).click()

    def row(self, text: str) -> Locator:
        """A conversation or a hold in the open list, by any of its words."""
        return self.page.get_by_role("complementary").get_by_role("link").filter(has_text=text)

    async def watch(self, view: str, text: str) -> None:
        """Open a conversation of a list."""
        await self.choose(view)
        await self.row(text).click()

    async def open_hold(self, customer: str) -> None:
        """Open what is held for a customer."""
        await self.choose("Holds")
        await self.row(customer).click()
        await expect(self.action).to_contain_text("exactly this, nothing else")

    async def reply(self, text: str) -> None:
        """Say something to the customer."""
        await self.reply_field.fill(text)
        await self.reply_field.press("Control+Enter")

    async def note(self, text: str) -> None:
        """Leave a note for the colleagues."""
        await self.page.get_by_role("tab", name="Note").click()
        await self.note_field.fill(text)
        await self.press("Add note").click()

    def press(self, name: str) -> Locator:
        """A button, by the beginning of its words."""
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))

    def message(self, text: str) -> Locator:
        """What somebody said, or a note."""
        return self.messages.get_by_role("article").filter(has_text=text)
