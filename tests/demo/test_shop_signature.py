"""Calls of tools are signed, where the shop was given the secret."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from tests.demo.conftest import FIRST_DAY, OpenShop, Shop

SECRET = "shared with the gateway"
BODY = b'{"arguments": {"order_id": "TF-20871"}}'
NOW = int(FIRST_DAY.timestamp())


def signature(secret: str = SECRET, *, at: int | str = NOW, body: bytes = BODY) -> str:
    """The header as the contract writes it."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


async def post(shop: Shop, header: str | None) -> tuple[int, str]:
    """Call `get_order` with a signature and return the status and the code of the refusal."""
    headers = {"X-Customer-Id": "jonas"}
    if header is not None:
        headers["X-Handrail-Signature"] = header
    url = f"{shop.url}/tools/get_order"
    async with shop.session.post(url, data=BODY, headers=headers) as answer:
        return answer.status, (await answer.json()).get("code", "")


@pytest.mark.parametrize("age_s", [0, 299, -299])
async def test_a_signed_call_is_answered(open_shop: OpenShop, age_s: int) -> None:
    shop = await open_shop(tools_secret=SECRET)

    assert await post(shop, signature(at=NOW - age_s)) == (200, "")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"t={NOW}",
        f"t={NOW},v1=é",
        signature("another secret"),
        signature(body=BODY + b" "),
        signature().replace(f"t={NOW}", f"t={NOW + 1}"),
    ],
)
async def test_a_call_with_a_wrong_signature_is_refused(
    open_shop: OpenShop, header: str | None
) -> None:
    shop = await open_shop(tools_secret=SECRET)

    assert await post(shop, header) == (401, "bad_signature")


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, "soon"])
async def test_a_call_of_another_time_is_refused(open_shop: OpenShop, at: int | str) -> None:
    shop = await open_shop(tools_secret=SECRET)

    assert await post(shop, signature(at=at)) == (401, "stale_signature")


async def test_a_shop_without_the_secret_checks_nothing(open_shop: OpenShop) -> None:
    assert await post(await open_shop(), None) == (200, "")
