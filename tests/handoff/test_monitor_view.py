"""A view is one episode of the log, as one turn reads it."""

from msgspec import Raw

from conversation import events as ev
from handoff.monitor import CallResult, Message, view_of

CUSTOMER = ev.By("customer")
ADA = ev.By("assistant", name="Ada")
ANN = ev.By("staff", name="Ann", id="u_ann")
SYSTEM = ev.By("system")


def log(*happened: ev.Data) -> list[ev.Event]:
    """The events of a conversation, seq from 1."""
    return [
        ev.Event("c_1", seq, ev.VERSION, ev.NAMES[type(data)], ev.iso(seq), SYSTEM, 1, data)
        for seq, data in enumerate(happened, 1)
    ]


def said(text: str) -> ev.CustomerSaid:
    return ev.CustomerSaid(id=text, text=text)


def owner(to: str) -> ev.OwnerChanged:
    return ev.OwnerChanged(from_="?", to=to, epoch=2, cause="test")


def called(*calls: tuple[str, ev.Verdict], turn: int = 1) -> ev.AssistantCalled:
    made = [
        ev.Call(call=name, model_call_id=name, tool="t", arguments=Raw(b"{}"), verdict=verdict)
        for name, verdict in calls
    ]
    return ev.AssistantCalled(turn=turn, attempt=1, step=1, text="One moment.", calls=made)


def finished(call: str, outcome: ev.CallOutcome) -> ev.ToolFinished:
    return ev.ToolFinished(call=call, key=None, outcome=outcome)


def test_messages_are_what_each_side_said_up_to_the_turns_prefix() -> None:
    events = log(said("hi"), ev.AssistantSaid(text="Hello"), said("more"), said("too late"))
    assert view_of(events, turn=2, upto=3).messages == (
        Message("customer", "hi", 1),
        Message("assistant", "Hello", 2),
        Message("customer", "more", 3),
    )


def test_an_episode_begins_when_the_assistant_receives_the_conversation() -> None:
    events = log(
        said("I want a human"),
        owner("line"),
        owner("staff:u_ann"),
        ev.StaffSaid(id="s", text="Done"),
        owner("assistant"),
        said("thanks"),
    )
    assert view_of(events, turn=2, upto=6).messages == (Message("customer", "thanks", 6),)


def test_a_message_that_came_during_a_turn_is_still_unanswered() -> None:
    reply, ended = ev.AssistantSaid(text="Hello"), ev.TurnEnded(turn=1, outcome="replied", upto=1)
    events = log(said("hi"), said("a human please"), reply, ended)
    view = view_of(events, turn=2, upto=4)
    assert [message.text for message in view.unanswered] == ["a human please"]


def test_every_call_has_its_last_result() -> None:
    calls = called(("a", "allow"), ("b", "hold"), ("c", "deny"), ("d", "invalid"), ("e", "allow"))
    events = log(said("hi"), calls, finished("a", "failed"), finished("b", "succeeded"))
    assert view_of(events, turn=1, upto=1).calls == (
        CallResult("c", "t", "denied", 2, 1),
        CallResult("d", "t", "invalid", 2, 1),
        CallResult("a", "t", "failed", 3, 1),
        CallResult("b", "t", "succeeded", 4, 1),
    )


def test_the_result_of_a_call_made_before_the_episode_is_not_its_own() -> None:
    events = log(called(("a", "hold")), owner("staff:u_ann"), owner("assistant"))
    events += log(*[said("x")] * 3, finished("a", "failed"))[3:]
    assert view_of(events, turn=2, upto=4).calls == ()


def test_a_cut_turn_has_answered_nothing() -> None:
    events = log(
        said("a person, please"),
        ev.AssistantSaid(text="Let me", turn=1, partial=True),
        ev.TurnEnded(turn=1, outcome="cut", upto=1),
        said("hello?"),
    )
    view = view_of(events, turn=2, upto=4)
    assert [message.text for message in view.unanswered] == ["a person, please", "hello?"]
    assert [message.by for message in view.messages] == ["customer", "customer"]
