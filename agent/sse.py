"""Server-sent events from raw bytes: feed what arrived, get the data of each finished event."""

_EVENT_LIMIT = 1 << 20
"""Bytes an unfinished event may hold; no model answers with more, nonsense streams do."""


class Malformed(Exception):
    """The bytes are no stream of Chat Completions chunks; the message says why."""


class EventReader:
    """Splits a byte stream into events, wherever its pieces were cut.

    Follows the event stream format of the HTML standard, without lone carriage returns as line
    ends: comments and other fields than `data` are skipped, data lines are joined by a newline,
    an event without its empty line at the end of the stream is dropped.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that `piece` finishes, in order; raises `Malformed`."""
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        events = []
        for line in lines:
            if line[-1:] == b"\r":
                line = line[:-1]  # noqa: PLW2901 - the same line without its carriage return
            if line[:5] == b"data:":
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data = []
        if len(self._rest) + sum(map(len, self._data)) > _EVENT_LIMIT:
            raise Malformed("an event of the stream does not end")
        return events
