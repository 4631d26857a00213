"""Who a client is: customers' signed tokens, and the resume tokens of conversations.

A customer's token is a JWT of the operator (audience `handrail`, `sub`, `exp`), HS256 with the
shared secret or RS256/ES256 with a JWKS. A resume token is ours: the conversation's id, signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

import jwt
from jwt.types import Options
from msgspec import Struct

from conversation.errors import Refused
from gateway.jwks import Jwks
from gateway.settings import CustomersSettings

AUDIENCE = "handrail"
ATTRIBUTES = ("name", "email")
_RESUME = re.compile(r"(c_[0-9a-f]{24})\.([0-9a-f]{40})")


class Identity(Struct, frozen=True):
    """What a token says of a customer."""

    id: str
    attributes: dict[str, Any]


class CustomerTokens:
    """Checks customers' tokens."""

    def __init__(self, settings: CustomersSettings) -> None:
        self._secret = settings.secret
        self._jwks = Jwks(settings.jwks) if settings.jwks else None

    async def identify(self, token: object) -> Identity:
        """The customer of a valid token; raises `Refused`, with `unauthorized` if it is not."""
        if not isinstance(token, str):
            raise Refused("unauthorized", "the token is a string")
        try:
            claims = await self._claims(token)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused("unauthorized", "the token is not valid") from error
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise Refused("unauthorized", "the token names nobody")
        attributes = claims.get("attributes")
        known = dict(attributes) if isinstance(attributes, dict) else {}
        known |= {name: claims[name] for name in ATTRIBUTES if isinstance(claims.get(name), str)}
        return Identity(claims["sub"], known)

    async def _claims(self, token: str) -> dict[str, Any]:
        # When a token was issued decides nothing, and the issuer's clock may be ahead of ours.
        checked: Options = {"require": ["exp", "aud", "sub"], "verify_iat": False}
        header = jwt.get_unverified_header(token)
        algorithm = str(header.get("alg"))
        key: jwt.PyJWK | str | None = None
        if algorithm == "HS256":
            key = self._secret
        elif algorithm in ("RS256", "ES256") and self._jwks is not None:
            key = await self._jwks.key(algorithm, header.get("kid"))
        if not key:
            raise jwt.InvalidAlgorithmError(algorithm)
        return jwt.decode(token, key, algorithms=[algorithm], audience=AUDIENCE, options=checked)


class ResumeTokens:
    """Signs and checks the tokens that let a browser come back to its conversation."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"resume", "sha256")

    def issue(self, conversation: str) -> str:
        """The resume token of a conversation."""
        return f"{conversation}.{self._sign(conversation)}"

    def conversation(self, token: object) -> str:
        """The conversation of a valid token; raises `Refused` with `forbidden`."""
        found = _RESUME.fullmatch(token) if isinstance(token, str) else None
        if found is None or not hmac.compare_digest(found[2], self._sign(found[1])):
            raise Refused("forbidden", "this conversation cannot be resumed")
        return found[1]

    def conversation_of(self, owner: str, first: str) -> str:
        """The id of the conversation that is about to open.

        It follows from whose it is and what opens it, so that a message sent again after its
        acknowledgement was lost meets the conversation it opened.
        """
        digest = hmac.digest(self._key, f"conversation {owner} {first}".encode(), "sha256")
        return f"c_{digest.hex()[:24]}"

    def _sign(self, conversation: str) -> str:
        mac = hmac.new(self._key, conversation.encode(), hashlib.sha256)
        return mac.hexdigest()[:40]
