"""Tarnfield, the demo shop: orders that last, tools over HTTP, and a page with the chat."""

from demo.shop.web import app

__all__ = ["app"]
