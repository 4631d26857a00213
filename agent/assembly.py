"""Puts one model step together from its chunks: text, fragments of tool calls, how it finished.

The rules for fragments follow what Chat Completions servers really send: a new id opens a new call
even at a used index, ids and indexes may be missing, arguments come in pieces or whole.
"""

from typing import Any

import msgspec

from agent.sse import Malformed


class ModelCall(msgspec.Struct, frozen=True):
    """A tool call as the model wrote it; `arguments` is its raw text, not yet parsed."""

    id: str | None
    name: str
    arguments: str


class Usage(msgspec.Struct, frozen=True, gc=False):
    """Tokens of one step as the endpoint counted them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Step(msgspec.Struct, frozen=True):
    """One finished answer of the model: its whole text, then its calls in the model's order."""

    text: str
    calls: tuple[ModelCall, ...]
    finish_reason: str
    usage: Usage | None


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: msgspec.Raw = msgspec.Raw(b"")


class _Fragment(msgspec.Struct, gc=False):
    function: _Function
    index: int | None = None
    id: str | None = None


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Fragment] | None = None
    function_call: _Function | None = None


class _Choice(msgspec.Struct, gc=False):
    index: int = 0
    delta: _Message | None = None
    message: _Message | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: Usage | None = None
    error: Any = None


_chunks = msgspec.json.Decoder(_Chunk)


class _Call:
    """A call being written."""

    __slots__ = ("arguments", "id", "name")

    def __init__(self) -> None:
        self.id: str | None = None
        self.name = ""
        self.arguments: list[str] = []

    def is_whole(self) -> bool:
        return _is_json("".join(self.arguments))


class Assembly:
    """What has arrived of one step.

    `finish_reason` is None until its chunk came; `ended` says that the endpoint announced the end,
    by a finish reason, an error or the closing mark; `error` is what it reported in mid-stream, as
    decoded JSON; `refused` says that the model declined instead of answering.
    """

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self.error: Any = None
        self.refused = False
        self.ended = False
        self._text: list[str] = []
        self._calls: list[_Call] = []
        self._at: dict[int, _Call] = {}

    @property
    def text(self) -> str:
        """All text so far, byte for byte."""
        return "".join(self._text)

    @property
    def calls(self) -> tuple[ModelCall, ...]:
        """The calls so far, in the order in which they were opened."""
        return tuple(ModelCall(c.id, c.name, "".join(c.arguments)) for c in self._calls)

    def take(self, events: list[bytes]) -> str:
        """Add the data of stream events; answers their text; raises `Malformed`."""
        text = ""
        for event in events:
            if event == b"[DONE]":
                self.ended = True
                continue
            for choice in self._opened(event):
                if choice.delta is not None:
                    text += self._add(choice.delta)
        return text

    def take_whole(self, body: bytes) -> str:
        """Add an answer that came in one piece; as `take`."""
        text = ""
        for choice in self._opened(body):
            if choice.message is not None:
                for index, fragment in enumerate(choice.message.tool_calls or ()):
                    fragment.index = index
                text += self._add(choice.message)
        return text

    def _opened(self, data: bytes) -> list[_Choice]:
        """The choice we asked for, if this chunk speaks of it; notes how the step stands."""
        try:
            chunk = _chunks.decode(data)
        except (ValueError, RecursionError) as e:
            raise Malformed("a chunk is not of the Chat Completions form") from e
        self.error = chunk.error or self.error
        self.usage = chunk.usage or self.usage
        choices = [choice for choice in chunk.choices or () if choice.index == 0]
        for choice in choices:
            self.finish_reason = choice.finish_reason or self.finish_reason
        self.ended = self.ended or self.error is not None or self.finish_reason is not None
        return choices

    def _add(self, message: _Message) -> str:
        if message.tool_calls:
            for fragment in message.tool_calls:
                self._add_fragment(fragment)
        if message.function_call is not None:
            self._add_fragment(_Fragment(message.function_call))
        if message.refusal:
            self.refused = True
        if not message.content:
            return ""
        self._text.append(message.content)
        return message.content

    def _add_fragment(self, fragment: _Fragment) -> None:
        call = self._continued(fragment)
        if call is None:
            call = _Call()
            self._calls.append(call)
        if fragment.index is not None:
            self._at[fragment.index] = call
        call.id = call.id or fragment.id or None
        name = fragment.function.name
        if name and name != call.name:
            call.name += name
        call.arguments.append(_written(fragment.function.arguments))

    def _continued(self, fragment: _Fragment) -> _Call | None:
        """The call that a fragment goes on with; None when it opens one."""
        call = self._candidate(fragment)
        if call is None:
            return None
        if fragment.id and call.id:
            return call if fragment.id == call.id else None
        named_again = fragment.function.name and call.name
        return None if named_again and call.is_whole() else call

    def _candidate(self, fragment: _Fragment) -> _Call | None:
        if fragment.index is not None:
            return self._at.get(fragment.index)
        if fragment.id:
            return next((c for c in reversed(self._calls) if c.id == fragment.id), None)
        if fragment.function.name or not self._calls:
            return None
        return self._calls[-1]


def _written(arguments: msgspec.Raw) -> str:
    """The text of arguments, which most servers send as a string and some as a bare object."""
    raw = bytes(arguments)
    if raw in (b"", b"null"):
        return ""
    try:
        return msgspec.json.decode(raw, type=str) if raw[:1] == b'"' else raw.decode()
    except ValueError as e:
        raise Malformed("the arguments of a call are no text") from e


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return False
    return True
