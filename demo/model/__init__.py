"""A stand-in for a language model: rules and retrieval behind Chat Completions, and no more.

It keeps nothing: every answer follows from the request's own messages and tools.
"""

from demo.model.stream import Pace
from demo.model.web import app

__all__ = ["Pace", "app"]
