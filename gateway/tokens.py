"""Who a client is: customers' signed tokens, and the resume tokens of conversations.

A customer's token is a JWT of the operator (audience `handrail`, `sub`, `exp`), HS256 with the
shared secret or RS256/ES256 with a JWKS. A resume token is ours: the conversation's id, signed.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

import jwt
from jwt.types import Options
from msgspec import Struct

from conversation.errors import Refused
from gateway.settings import CustomersSettings

AUDIENCE = "handrail"
ATTRIBUTES = ("name", "email")


class Identity(Struct, frozen=True):
    """What a token says of a customer."""

    id: str
    attributes: dict[str, Any]


class CustomerTokens:
    """Checks customers' tokens."""

    def __init__(self, settings: CustomersSettings) -> None:
        self._secret = settings.secret
        self._jwks = _jwks(settings.jwks) if settings.jwks else None

    def identify(self, token: object) -> Identity:
        """The customer of a valid token; raises `Refused` with `unauthorized`."""
        if not isinstance(token, str):
            raise Refused("unauthorized", "the token is a string")
        try:
            claims = self._claims(token)
        except (jwt.PyJWTError, ValueError) as error:
            raise Refused("unauthorized", "the token is not valid") from error
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise Refused("unauthorized", "the token names nobody")
        attributes = claims.get("attributes")
        known = dict(attributes) if isinstance(attributes, dict) else {}
        known |= {name: claims[name] for name in ATTRIBUTES if isinstance(claims.get(name), str)}
        return Identity(claims["sub"], known)

    def _claims(self, token: str) -> dict[str, Any]:
        required: Options = {"require": ["exp", "aud", "sub"]}
        algorithm = jwt.get_unverified_header(token).get("alg")
        if algorithm == "HS256" and self._secret:
            return jwt.decode(
                token, self._secret, algorithms=["HS256"], audience=AUDIENCE, options=required
            )
        if algorithm in ("RS256", "ES256") and self._jwks is not None:
            key = self._jwks.key_of(token)
            return jwt.decode(
                token, key, algorithms=[algorithm], audience=AUDIENCE, options=required
            )
        raise jwt.InvalidAlgorithmError(str(algorithm))


class Jwks:
    """The operator's public keys, from a URL (kept for minutes) or a file."""

    def __init__(self, client: jwt.PyJWKClient | None, keys: jwt.PyJWKSet | None) -> None:
        self._client = client
        self._keys = keys

    def key_of(self, token: str) -> Any:
        """The key that should have signed a token; raises `jwt.PyJWTError`."""
        if self._client is not None:
            return self._client.get_signing_key_from_jwt(token).key
        assert self._keys is not None
        kid = jwt.get_unverified_header(token).get("kid")
        for key in self._keys.keys:
            if kid is None or key.key_id == kid:
                return key.key
        raise jwt.InvalidKeyError("no such key")


def _jwks(where: str) -> Jwks:
    if where.startswith(("http://", "https://")):
        return Jwks(jwt.PyJWKClient(where), None)
    return Jwks(None, jwt.PyJWKSet.from_json(Path(where).read_text()))


class ResumeTokens:
    """Signs and checks the tokens that let a browser come back to its conversation."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"resume", "sha256")

    def issue(self, conversation: str) -> str:
        """The resume token of a conversation."""
        return f"{conversation}.{self._sign(conversation)}"

    def conversation(self, token: object) -> str:
        """The conversation of a valid token; raises `Refused` with `forbidden`."""
        conversation, _, signature = token.rpartition(".") if isinstance(token, str) else ("",) * 3
        if not hmac.compare_digest(signature.encode(), self._sign(conversation).encode()):
            raise Refused("forbidden", "this conversation cannot be resumed")
        return conversation

    def conversation_of(self, owner: str, first: str) -> str:
        """The id of the conversation that a first message opens.

        It follows from who wrote it and the message's own id, so that a message sent again after
        its acknowledgement was lost meets the conversation it opened.
        """
        digest = hmac.digest(self._key, f"conversation {owner} {first}".encode(), "sha256")
        return f"c_{digest.hex()[:24]}"

    def _sign(self, conversation: str) -> str:
        mac = hmac.new(self._key, conversation.encode(), hashlib.sha256)
        return mac.hexdigest()[:40]
