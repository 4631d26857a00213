"""What is said of a request: done, refused, waiting, decided. Never ahead of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.model.memory import Request
from demo.model.telling import PERSON, usd
from demo.model.transcript import Decided, Fault


def done(tool: str, arguments: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Say what a write has done."""
    order_id, to = arguments.get("order_id"), result.get("to")
    card = f"your {to}" if to else "the card you paid with"
    match tool:
        case "issue_refund":
            return (
                f"{usd(arguments['amount'])} for {order_id} is paid back to {card}. Most banks"
                " show it within 3 to 5 working days."
            )
        case "cancel_order":
            back = result.get("refunded")
            return f"{order_id} is cancelled." + (f" {usd(back)} goes back to {card}." * bool(back))
        case "change_address":
            return f"{order_id} will go to {_place(arguments)}."
        case _:
            return "That is done."


def _place(arguments: Mapping[str, Any]) -> str:
    town = f"{arguments.get('postcode')} {arguments.get('city')}"
    return f"{arguments.get('street')}, {town}, {arguments.get('country')}"


def fault(told: Fault) -> str:
    """Say that something did not work, and why as far as it may be told."""
    if told.code == "not_found":
        return (
            "I cannot find that order with what you gave me. Would you check the number? It looks"
            " like TF-20871 and stands in the confirmation mail."
        )
    reason = f" {_sentence(told.text)}" if told.text else ""
    return f"That did not work, and nothing was changed.{reason} {PERSON}"


def held(tool: str, arguments: Mapping[str, Any]) -> str:
    """Say that a write waits for a person, and that nothing has happened."""
    what, nothing = _what(tool, arguments), _nothing(tool)
    return (
        f"I have asked for {what}. A colleague must approve it first; {nothing} yet. You will see"
        " the answer here."
    )


def uncertain(tool: str, arguments: Mapping[str, Any]) -> str:
    """Say that nobody knows yet whether a write has run."""
    return (
        f"I cannot tell yet whether {_what(tool, arguments)} went through. A colleague checks it;"
        " please do not ask for it a second time meanwhile."
    )


def decision(told: Decided, request: Request | None) -> str:
    """Say how a held request ended."""
    tool, arguments = (request.tool, request.arguments) if request else ("", {})
    what, nothing = _what(tool, arguments), _nothing(tool).capitalize()
    why = _reason(told.result)
    match told.status:
        case "succeeded":
            result = told.result if isinstance(told.result, dict) else {}
            return f"Good news, a colleague approved it. {done(tool, arguments, result)}"
        case "rejected":
            reason = f" The reason: {why}" if why else ""
            return (
                f"A colleague looked at {what} and decided against it.{reason} {nothing}. {PERSON}"
            )
        case "failed":
            return (
                f"A colleague approved {what}, but it could not be carried out. {why} {nothing}."
                f" {PERSON}"
            ).replace("  ", " ")
        case "expired":
            return (
                f"I am sorry, nobody could decide on {what} in time, so it has lapsed. {nothing}."
                f" {PERSON}"
            )
        case "withdrawn":
            return f"You withdrew {what}. {nothing}."
        case _:
            return uncertain(tool, arguments)


def progress(request: Request) -> str:
    """Say how far a request is that was made earlier."""
    tool, arguments = request.tool, request.arguments
    what, nothing = _what(tool, arguments), _nothing(tool)
    match request.status:
        case "held":
            return (
                f"A colleague has not decided on {what} yet, and {nothing}. You will see the answer"
                " here as soon as there is one."
            )
        case "succeeded":
            return f"It is done: {done(tool, arguments, {})}"
        case "unknown":
            return uncertain(tool, arguments)
        case "rejected":
            return f"A colleague decided against {what}; {nothing}. {PERSON}"
        case _:
            return f"There is nothing new: {what} did not go through, and {nothing}. {PERSON}"


def _what(tool: str, arguments: Mapping[str, Any]) -> str:
    order_id = arguments.get("order_id", "your order")
    match tool:
        case "issue_refund":
            return f"the refund of {usd(arguments['amount'])} for {order_id}"
        case "cancel_order":
            return f"the cancellation of {order_id}"
        case "change_address":
            return f"the new address for {order_id}"
        case _:
            return "your request"


def _nothing(tool: str) -> str:
    return "nothing has been paid" if tool == "issue_refund" else "nothing has been changed"


def _reason(result: Any) -> str:
    """Return the sentence in a result, wherever it stands; empty when there is none."""
    while isinstance(result, dict):
        names = ("reason", "because", "error")
        result = next((result[name] for name in names if name in result), None)
    return _sentence(result) if isinstance(result, str) else ""


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."
