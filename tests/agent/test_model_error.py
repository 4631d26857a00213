import pytest

from agent.model_error import Incomplete, Unanswered, retry_delay_s


def test_the_delay_doubles_and_is_spread_by_the_jitter() -> None:
    error = Unanswered("server_error")

    assert retry_delay_s(error, 1, jitter=0) == 0.25
    assert retry_delay_s(error, 1, jitter=1) == 0.5
    assert retry_delay_s(error, 2, jitter=0) == 0.5
    assert retry_delay_s(error, 2, jitter=1) == 1.0


def test_after_three_tries_it_gives_up() -> None:
    assert retry_delay_s(Unanswered("timeout"), 3, jitter=0.5) is None


def test_it_waits_as_long_as_the_endpoint_asks() -> None:
    error = Unanswered("rate_limited", status=429, retry_after_s=7)

    assert retry_delay_s(error, 1, jitter=0) == 7
    assert retry_delay_s(error, 1, jitter=1) == 7.5


def test_it_gives_up_when_the_endpoint_asks_for_longer_than_a_customer_waits() -> None:
    error = Unanswered("rate_limited", status=429, retry_after_s=300)

    assert retry_delay_s(error, 1, jitter=0) is None


@pytest.mark.parametrize("reason", ["truncated", "filtered", "refused"])
def test_an_answer_that_would_come_out_the_same_is_not_asked_for_again(reason: str) -> None:
    assert retry_delay_s(Incomplete(reason), 1, jitter=0) is None  # type: ignore[arg-type]
