"""The next step of a conversation: tell what was decided or done, pursue a goal, or just answer."""

from __future__ import annotations

from collections.abc import Collection

from demo.model import intents, outcomes, telling
from demo.model.flows import pursue
from demo.model.intents import Talk
from demo.model.memory import WRITES, Memory
from demo.model.retrieval import Knowledge
from demo.model.steps import Say, Step
from demo.model.transcript import Returned, fault_of

_TALK: dict[Talk, str] = {
    "greeting": "Hello! Tell me what it is about: an order, a refund, an address, or a question"
    " about our goods.",
    "thanks": "You are welcome. Is there anything else?",
    "bye": "Goodbye, and good weather!",
    "who": "I am the demo model of this shop: simple rules and a few pages of knowledge, no"
    " language model. People are behind “Talk to a person”.",
    "help": "I can find an order or its parcel, ask for a refund, cancel an order or change its"
    " address before it leaves, and answer questions on delivery, returns, sizes and repairs.",
    "upset": f"I am sorry, that is not how it should be. Tell me the order number and I will see"
    f" what I can do. {telling.PERSON}",
}
_FALLBACK = (
    "That I do not know: I am a demo model with simple rules. Orders, refunds, addresses,"
    f" delivery, returns, sizes and repairs are what I can help with. {telling.PERSON}"
)
_PERSON = (
    "Of course. Press “Talk to a person” right below; a colleague will see all you wrote, so you"
    " need not repeat it."
)
_DROPPED = "All right, I leave it as it is. Is there anything else?"
_NOTHING_HELD = "Nothing of yours waits for a decision just now."


def next_step(memory: Memory, *, offered: Collection[str], knowledge: Knowledge) -> Step:
    """Decide what to say or call; only tools that are `offered` are called."""
    news = [outcomes.decision(told, memory.request(hold=told.hold)) for told in memory.decided]
    if not memory.text:
        return Say("\n".join(news) or _TALK["greeting"])
    step = _step(memory, knowledge)
    if isinstance(step, Say):
        return Say("\n".join([*news, step.text]))
    if all(call.tool in offered for call in step.calls):
        return step
    return Say("\n".join([*news, f"That I cannot do from here. {telling.PERSON}"]))


def _step(memory: Memory, knowledge: Knowledge) -> Step:
    written = [returned for returned in memory.turn if returned.tool in WRITES]
    if written:
        return Say("\n".join(_told(returned) for returned in written))
    match memory.topic:
        case "goal" if memory.goal:
            return pursue(memory, memory.goal)
        case "dropped":
            return Say(_DROPPED)
        case "person":
            return Say(_PERSON)
        case "progress":
            return Say(outcomes.progress(memory.requests[-1]))
        case "withdraw":
            return Say(_withdraw(memory))
        case _:
            return Say(_answer(memory.text, knowledge))


def _told(returned: Returned) -> str:
    tool, arguments, result = returned.tool, returned.arguments, returned.result
    if fault := fault_of(result):
        return outcomes.fault(fault)
    match result.get("status"):
        case "held":
            return outcomes.held(tool, arguments)
        case "unknown":
            return outcomes.uncertain(tool, arguments)
        case _:
            return outcomes.done(tool, arguments, result)


def _withdraw(memory: Memory) -> str:
    held = [request for request in memory.requests if request.status == "held"]
    if not held:
        return _NOTHING_HELD
    return (
        "Press “Withdraw request” on its card above; only you can do that. Until then a colleague"
        " may still decide."
    )


def _answer(text: str, knowledge: Knowledge) -> str:
    kind = intents.talk(text)
    if kind and kind != "upset" and len(text.split()) <= 4:
        return _TALK[kind]
    passage = knowledge.answer(text)
    if passage:
        return passage.text
    return _TALK[kind] if kind else _FALLBACK
