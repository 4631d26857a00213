"""The gateway's part of the configuration: its address, its customers and its widget."""

from typing import Annotated

import msgspec

from conversation.settings import Seconds

Origin = Annotated[
    str, msgspec.Meta(pattern=r"^https?://[^/\s]+$", examples=["https://shop.example"])
]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the gateway listens, and which pages may connect.

    `origins` are compared whole with a handshake's Origin; port 0 takes a free one. `home` is the
    web server, the demo shop's, that `/` and `/demo/` are passed on to.
    """

    host: Annotated[str, msgspec.Meta(min_length=1)] = "127.0.0.1"
    port: Port = 8080
    origins: tuple[Origin, ...] = ()
    home: Annotated[str, msgspec.Meta(pattern="^https?://")] | None = None


class CustomersSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How customers prove who they are.

    A token is checked with `secret` (HS256) or `jwks` (RS256, ES256; a URL or a file). With
    `anonymous` a customer needs none. A closed conversation reopens within `reopen_within_s`.
    """

    secret: str | None = None
    jwks: str | None = None
    anonymous: bool = False
    reopen_within_s: Seconds = msgspec.field(name="reopen_within", default=24 * 3600.0)

    def __post_init__(self) -> None:
        """Refuse settings under which no customer could ever connect."""
        if not (self.secret or self.jwks or self.anonymous):
            message = "needs a secret, a jwks or anonymous: true; nobody could connect"
            raise ValueError(message)


class WidgetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the chat looks on a page; `notice` is a line it shows all the time."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=80)] = "Chat"
    colour: Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#6b4fd8"])] = (
        "#6b4fd8"
    )
    suggestions: Annotated[
        tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=200)], ...],
        msgspec.Meta(max_length=8),
    ] = ()
    notice: Annotated[str, msgspec.Meta(max_length=80)] | None = None
