from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from conversation import events as ev
from conversation.state import Customer
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import SECRET, House, token
from tests.gateway.people import new_id


async def refusal(house: House, namespace: str, auth: Any) -> dict[str, Any]:
    """Be refused; what the refusal says."""
    wire = await house.wire()
    await wire.send(f"40{namespace},{json.dumps(auth)}")
    refused = await wire.refusal(namespace)
    assert set(refused) == {"message", "data"}
    assert set(refused["data"]) == {"code", "message"}
    assert refused["message"] == refused["data"]["code"]
    assert refused["data"]["message"]
    return refused


async def code(house: House, auth: Any) -> str:
    """Be refused as a customer; the code."""
    return str((await refusal(house, "/customer", auth))["message"])


def signed(algorithm: str, key: Any, **header: Any) -> str:
    """A token of customer u_robin."""
    claims = {"aud": "handrail", "sub": "u_robin", "exp": int(time.time()) + 600}
    return jwt.encode(claims, key, algorithm=algorithm, headers=header)


BAD = {
    "no JWT": "nonsense",
    "empty": "",
    "a number": 7,
    "an object": {"sub": "u_robin"},
    "half a character": "\ud83d",
    "another's secret": signed("HS256", SECRET[::-1]),
    "another algorithm": signed("HS512", SECRET),
    "no algorithm": jwt.encode(
        {"aud": "handrail", "sub": "u_robin", "exp": 4_000_000_000}, "", algorithm="none"
    ),
    "expired": token(exp=int(time.time()) - 1),
    "no expiry": token(exp=None),
    "not yet valid": token(nbf=int(time.time()) + 600),
    "another audience": token(aud="shop"),
    "no audience": token(aud=None),
    "no customer": token(sub=None),
    "an empty customer": token(sub=""),
    "tampered with": token()[:-2] + "xx",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_token_is_unauthorized(house: House, bad: object) -> None:
    assert await code(house, {"token": bad}) == "unauthorized"


@pytest.mark.parametrize("auth", [[1], "token", True])
async def test_an_auth_that_is_no_object_is_a_bad_request(house: House, auth: object) -> None:
    assert await code(house, auth) == "bad_request"


@pytest.mark.parametrize("after", [-1, 1.5, "1", True])
async def test_an_after_that_is_no_place_is_a_bad_request(house: House, after: object) -> None:
    assert await code(house, {"after": after}) == "bad_request"


async def test_a_token_names_its_customer(house: House) -> None:
    customer = await house.customer(
        token=token("u_42", email="robin@mail.example", attributes={"plan": "gold"})
    )
    conversation = (await customer.say())["conversation"]
    state = await house.log.head(conversation)
    assert state.customer is not None
    assert (state.customer.id, state.customer.level) == ("u_42", "token")
    known = {"name": "Robin", "email": "robin@mail.example", "plan": "gold"}
    assert state.customer.attributes == known


async def test_a_token_issued_by_a_clock_ahead_of_ours_is_good(house: House) -> None:
    await house.customer(token=token(iat=int(time.time()) + 30))


async def test_visitors_need_a_token_where_none_may_be_anonymous(open_house: OpenHouse) -> None:
    house = await open_house(anonymous=False)
    assert await code(house, {}) == "unauthorized"
    known = await house.customer(token=token())
    resume = (await known.say())["resume"]
    assert await code(house, {"resume": resume}) == "unauthorized"
    await house.customer(token=token(), resume=resume)


async def test_tokens_are_not_read_where_no_key_is_configured(open_house: OpenHouse) -> None:
    house = await open_house(secret=None)
    assert await code(house, {"token": token()}) == "unauthorized"


# Keys of the operator


class Keys:
    """Keys of an operator, as a JWKS."""

    def __init__(self) -> None:
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())

    def jwks(self, **ids: str) -> str:
        """The public halves, under these key ids."""
        both = {
            "ec": ECAlgorithm.to_jwk(self.ec.public_key(), as_dict=True),
            "rsa": RSAAlgorithm.to_jwk(self.rsa.public_key(), as_dict=True),
        }
        named = [key | ({"kid": ids[kind]} if kind in ids else {}) for kind, key in both.items()]
        return json.dumps({"keys": named})


@pytest.fixture(scope="module")
def keys() -> Keys:
    """One operator's keys."""
    return Keys()


async def test_tokens_signed_with_a_key_of_the_jwks_are_good(
    open_house: OpenHouse, keys: Keys, tmp_path: Path
) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(keys.jwks(ec="e1", rsa="r1"))
    house = await open_house(secret=None, jwks=str(file))
    for good in [
        signed("RS256", keys.rsa, kid="r1"),
        signed("ES256", keys.ec, kid="e1"),
        signed("RS256", keys.rsa),
        signed("ES256", keys.ec),
    ]:
        customer = await house.customer(token=good)
        await customer.say()
    for bad in [
        signed("RS256", keys.rsa, kid="e1"),
        signed("RS256", keys.rsa, kid="r2"),
        signed("RS256", Keys().rsa, kid="r1"),
        signed("RS512", keys.rsa, kid="r1"),
        signed("HS256", SECRET),
    ]:
        assert await code(house, {"token": bad}) == "unauthorized"


async def test_keys_at_a_url_are_asked_for_once_in_a_while(
    open_house: OpenHouse, keys: Keys
) -> None:
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(text=keys.jwks(ec="e1", rsa="r1"))

    app = web.Application()
    app.router.add_get("/jwks", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        house = await open_house(secret=None, jwks=str(server.make_url("/jwks")))
        assert asked == []
        await house.customer(token=signed("ES256", keys.ec, kid="e1"))
        for number in range(5):
            forged = signed("RS256", Keys().rsa if number == 0 else keys.rsa, kid=f"x{number}")
            assert await code(house, {"token": forged}) == "unauthorized"
        await house.customer(token=signed("RS256", keys.rsa, kid="r1"))
    assert len(asked) == 1


async def test_tokens_are_unavailable_while_the_keys_cannot_be_read(
    open_house: OpenHouse, keys: Keys
) -> None:
    house = await open_house(secret=None, jwks="http://127.0.0.1:9/jwks")
    assert await code(house, {"token": signed("ES256", keys.ec)}) == "unavailable"
    await house.customer()


# Coming back


async def test_a_forged_or_broken_resume_is_forbidden(house: House) -> None:
    first, second = await house.customer(), await house.customer()
    mine, theirs = (await first.say())["resume"], (await second.say())["resume"]
    conversation, _, signature = mine.partition(".")
    for forged in [
        "",
        conversation,
        f"{conversation}.",
        f"{conversation}.{'0' * 40}",
        f"{theirs.partition('.')[0]}.{signature}",
        f".{signature}",
        mine + "0",
        mine.upper(),
        f"{conversation}.{'é' * 40}",
        "\ud83d",
        7,
        [mine],
    ]:
        assert await code(house, {"resume": forged}) == "forbidden"


async def test_a_resume_of_a_conversation_that_is_gone_is_forbidden(house: House) -> None:
    resume = (await (await house.customer()).say())["resume"]
    await house.store.writes.flushall()
    assert await code(house, {"resume": resume}) == "forbidden"


async def test_a_resume_of_another_customer_is_forbidden(house: House) -> None:
    robin = await house.customer(token=token("u_robin"))
    resume = (await robin.say())["resume"]
    assert await code(house, {"token": token("u_alex"), "resume": resume}) == "forbidden"


async def test_a_bad_token_is_unauthorized_also_with_a_good_resume(house: House) -> None:
    resume = (await (await house.customer()).say())["resume"]
    assert await code(house, {"token": "nonsense", "resume": resume}) == "unauthorized"


async def test_a_token_binds_an_anonymous_conversation(house: House) -> None:
    visitor = await house.customer()
    opened = await visitor.say()
    console = await house.console("Sam")
    await console.watch(opened["conversation"])
    known = await house.customer(token=token("u_robin"), resume=opened["resume"])
    assert known.state["conversation"] == opened["conversation"]
    identified = await console.event("customer_identified", customer="u_robin")
    assert identified["data"]["how"] == "token"
    again = await house.customer(token=token("u_robin"))
    assert again.state["conversation"] == opened["conversation"]
    assert await code(house, {"token": token("u_alex"), "resume": opened["resume"]}) == "forbidden"
    assert "customer_identified" not in known.everything + visitor.everything


async def test_binding_again_writes_nothing(house: House) -> None:
    visitor = await house.customer()
    opened = await visitor.say()
    auth = {"token": token("u_robin"), "resume": opened["resume"]}
    first, second = await house.customer(**auth), await house.customer(**auth)
    assert first.state["seq"] == second.state["seq"] == opened["seq"] + 1


async def test_what_was_proved_in_the_chat_yields_to_no_other_token(house: House) -> None:
    visitor = await house.customer()
    opened = await visitor.say()
    conversation, resume = opened["conversation"], opened["resume"]
    proved = ev.CustomerIdentified(customer="u_robin", level="verified", how="tool")
    await house.log.commit(conversation, lambda _s, _r: [ev.New(ev.By("system"), proved)])

    assert await code(house, {"token": token("u_alex"), "resume": resume}) == "forbidden"
    back = await house.customer(resume=resume)
    assert back.state["seq"] == opened["seq"] + 1
    known = await house.customer(token=token("u_robin"), resume=resume)
    assert known.state["seq"] == opened["seq"] + 2
    assert (await house.log.head(conversation)).customer == Customer(
        "u_robin", level="token", attributes={"name": "Robin"}
    )


async def test_a_known_customer_comes_back_without_a_resume(house: House) -> None:
    first = await house.customer(token=token("u_robin"))
    opened = await first.say("my parcel is late")
    again = await house.customer(token=token("u_robin"))
    assert again.state["conversation"] == opened["conversation"]
    assert again.state["resume"] == opened["resume"]
    said = await again.event("customer_said")
    assert said["data"]["text"] == "my parcel is late"
    other = await house.customer(token=token("u_alex"))
    assert other.state["conversation"] is None


async def test_a_visitor_stays_without_a_name_in_the_log(house: House) -> None:
    visitor = await house.customer()
    opened = await visitor.say()
    state = await house.log.head(opened["conversation"])
    assert state.customer is not None
    assert state.customer.level == "anonymous"


async def test_a_customers_token_opens_no_console(house: House) -> None:
    assert (await refusal(house, "/staff", {"token": token()}))["message"] == "unauthorized"


async def test_a_sign_in_of_staff_is_no_customers_token(house: House) -> None:
    assert await code(house, {"token": await house.sign_in("Sam")}) == "unauthorized"


async def test_two_first_messages_at_once_of_a_known_customer_meet(house: House) -> None:
    tabs = [await house.customer(token=token("u_robin")) for _ in range(4)]
    asked = [tab.ask("say", id=new_id(), text=f"tab {n}") for n, tab in enumerate(tabs)]
    acks = await asyncio.gather(*asked)
    assert len({ack["conversation"] for ack in acks}) == 1
    assert len({ack["seq"] for ack in acks}) == len(tabs)
