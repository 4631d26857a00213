"""What nobody well-behaved sends: reserved events, fuzzed frames, foreign Origins, repeatably."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from random import Random
from typing import Any

RESERVED = (
    "connect", "disconnect", "disconnecting", "connect_error", "error", "newListener",
    "removeListener", "reconnect", "ping", "pong",
)  # fmt: skip
"""Names that libraries of the protocol keep for themselves."""
FORGED: tuple[Any, ...] = (
    {},
    {"token": "forged", "resume": "forged"},
    None,
    ["io client disconnect"],
    {"__proto__": {"role": "admin"}, "sid": "x"},
)
NAMES = (
    "say", "sync", "seen", "typing", "watch", "takeover", "decide", "connect", "disconnect", "",
    "__class__", "handle", "\0", "*", "🦊", "x" * 5_000,
)  # fmt: skip
"""Names of events that fuzzed frames carry."""
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 2**63, "", "\0", "é" * 50, [], {}, [[]], {"": None}, [1, "2"],
)  # fmt: skip
FIELDS = ("id", "text", "conversation", "hold", "after", "cursor", "on", "seq", "new", "auth", "")
PIECES = (
    "42", "40", "41", "43", "44", "45", "46", "0", "1", "2", "3", "5", "6", "/customer", "/staff",
    "/", ",", "?", "-", "[", "]", "{", "}", '"', ":", "\\", "\\ud83d", "\\u0000", "\0", "\u2028",
    "null", "1e999", "NaN", "-0", "9" * 40, '{"_placeholder":true,"num":0}', "\x1e", " ", "\n",
)  # fmt: skip
"""What fuzzed frames are put together from."""


def reserved_events(namespace: str) -> list[str]:
    """100 forms of an event with a reserved name, half of them asking for an answer."""
    return [
        f"42{namespace},{number}{json.dumps([name, *carried])}"
        for name, payload, number in itertools.product(RESERVED, FORGED, ("", "9"))
        for carried in [[] if payload is None else [payload]]
    ]


def fuzzed_frames(namespace: str, seed: int) -> Iterator[str]:
    """Frames without end, the same for the same seed."""
    random = Random(seed)
    kinds = (_assembled, _event, _mutated, _noise)
    while True:
        yield random.choice(kinds)(random, namespace)[:60_000]


def foreign_origins(allowed: str) -> list[str]:
    """100 Origins that are not the one allowed (`https://name`), most of them much like it."""
    name = allowed.removeprefix("https://")
    schemes = ("http", "ws", "wss", "ftp", "file", "HTTPS", "httpss", "javascript", "data", "blob")
    ports = (0, 1, 80, 444, 8080, 8443, 65535)
    likes = [f"{scheme}://{name}" for scheme in schemes]
    likes += [f"https://{name}:{port}" for port in ports]
    likes += [f"https://{part}.{name}" for part in ("www", "a", "xn--a", "*", "-", "_", "%", "0")]
    likes += [f"https://{name}.{part}" for part in ("evil.example", "com", "a", "localhost", "0")]
    likes += [
        f"https://{name}{tail}" for tail in ("/", ".", "?", "#", "%00", "%20", ":", "@", "\\")
    ]
    likes += [f"https://{head}@{name}" for head in ("a", "a:b", "evil.example", "%40")]
    likes += [
        f"https://evil.example{tail}{name}" for tail in ("/", "?", "#", "@", "%2f", "\\", ",")
    ]
    likes += [f"https://{name[:n]}" for n in range(1, len(name))]
    likes += [
        f"https://{name.upper()}",
        allowed[:-1],
        f"{allowed} {allowed}",
        f"{allowed},{allowed}",
    ]
    likes += ["null", "*", "https://", "://", "/", name, "https:", "about:blank", "[::1]", "0"]
    likes += [f"https://{n}.evil.example" for n in range(100)]
    return list(dict.fromkeys(like for like in likes if like != allowed))[:100]


def _assembled(random: Random, _namespace: str) -> str:
    return "".join(random.choices(PIECES, k=random.randint(0, 12)))


def _event(random: Random, namespace: str) -> str:
    payload = {random.choice(FIELDS): random.choice(VALUES) for _ in range(random.randint(0, 4))}
    event = [random.choice(NAMES), *random.choices([payload, *VALUES], k=random.randint(0, 2))]
    number = random.choice(("", "0", "7", str(random.randint(0, 10**12))))
    return f"42{namespace},{number}{json.dumps(event, ensure_ascii=random.random() < 0.5)}"


def _mutated(random: Random, namespace: str) -> str:
    frame = list(_event(random, namespace))
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(frame) + 1)
        match random.randrange(4):
            case 0:
                frame[at:at] = random.choice(PIECES)
            case 1:
                del frame[at : at + random.randint(1, 5)]
            case 2:
                frame[at:at] = frame[random.randrange(len(frame) + 1) :][:20]
            case _:
                frame[at : at + 1] = [_character(random)]
    return "".join(frame)


def _noise(random: Random, _namespace: str) -> str:
    return "".join(_character(random) for _ in range(random.randint(0, 60)))


def _character(random: Random) -> str:
    """Any character that UTF-8 can carry."""
    code = random.choice(
        (random.randrange(128), random.randrange(0xD800), random.randrange(0x1F000, 0x1F900))
    )
    return chr(code)
