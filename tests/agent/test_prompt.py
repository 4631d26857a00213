"""The model's view of a conversation, by its log alone."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Raw
from msgspec.structs import replace

from agent.prompt import instructions, project
from conversation import events as ev
from conversation.errors import Refused
from conversation.ids import call_id, hold_id, staff_call_id
from conversation.plan import stamp
from conversation.reply import Reply
from conversation.state import ASSISTANT, LINE, NOBODY, State
from handoff import decisions, holds, ownership
from handoff.decisions import Seen
from handoff.ownership import Person
from handoff.settlement import Write, open_doubt

ADA = ev.By("assistant", name="Ada")
ROBIN = ev.By("customer")
SYSTEM = ev.By("system")
SAM = Person("p_sam", "Sam", "supervisor")
Messages = list[dict[str, Any]]


class World:
    """A conversation in which anything legal happens, and every prompt a model was given."""

    def __init__(self) -> None:
        self.state = State(conversation="c_1")
        self.events: list[ev.Event] = []
        self.prompts: list[Messages] = []
        self._ids = count(1)
        self._begun: tuple[str, str | None] | None = None
        self._commit(
            ev.New(ROBIN, ev.ConversationStarted(customer="u")),
            ev.New(ADA, ev.AssistantSaid(text="Welcome!")),
        )

    def _commit(self, *new: ev.New) -> None:
        self.state, stamped = stamp(self.state, new, 1_767_323_045_678)
        # As another worker reads it.
        self.events += [ev.decode(ev.encode(event)) for event in stamped]

    def _system(self, *data: ev.Data) -> None:
        self._commit(*(ev.New(SYSTEM, one) for one in data))

    def do(self, what: str, pick: int) -> None:
        """Something happens, if it can happen now."""
        with suppress(Refused):
            getattr(self, f"_{what}")(pick)

    def _says(self, _: int) -> None:
        said = ev.New(ROBIN, ev.CustomerSaid(id=f"m{next(self._ids)}", text=f"{next(self._ids)}"))
        if self.state.owner == NOBODY:
            self._commit(
                ev.New(ROBIN, ev.ConversationReopened()),
                ev.New(SYSTEM, ev.OwnerChanged(
                    from_=NOBODY, to=ASSISTANT, epoch=self.state.epoch + 1, cause="reopened",
                )),
            )  # fmt: skip
        self._commit(said)

    def _ask(self) -> bool:
        """Give the model its prompt, if a turn wants one."""
        turn = self.state.turn
        if turn is None or turn.unfinished:
            return False
        self.prompts.append(project(self.events, system="S"))
        return True

    def _calls(self, pick: int) -> None:
        if not self._ask():
            return
        assert self.state.turn is not None
        step = self.state.steps + 1
        verdicts: list[ev.Verdict] = ["allow", "allow", "hold", "deny", "invalid"]
        chosen = verdicts[pick % 5 :] + verdicts[: pick % 3]
        calls, new = [], []
        for index, verdict in enumerate(chosen, start=1):
            id_ = call_id("c_1", step, index)
            calls.append(_call(id_, verdict))
            if verdict == "hold":
                new.append(ev.New(ADA, _held(id_)))
        called = ev.AssistantCalled(
            turn=self.state.turn.n, attempt=1, step=step, text="", calls=calls
        )
        self._commit(ev.New(ADA, called), *new)

    def _works(self, pick: int) -> None:
        """A call begins, or one that has begun ends, also when its turn was taken over."""
        turn = self.state.turn
        if self._begun is not None:
            call, key = self._begun
            self._begun = None
            if key is not None and pick == 5:
                self._system(ev.ToolFinished(call=call, key=key, outcome="unknown"))
                self._commit(*open_doubt(self.state, _write(call)))
                return
            result = Raw(b'{"n": 1.50}')
            self._system(ev.ToolFinished(call=call, key=key, outcome="succeeded", result=result))
        elif turn is not None and turn.unfinished:
            call = turn.unfinished[0]
            self._begun = call, call if pick % 2 else None
            self._system(ev.ToolStarted(call=call, key=self._begun[1]))

    def _replies(self, _: int) -> None:
        if not self._ask():
            return
        turn = self.state.turn
        assert turn is not None
        self._commit(
            ev.New(ADA, ev.AssistantSaid(text=f"{next(self._ids)}", turn=turn.n)),
            ev.New(SYSTEM, ev.TurnEnded(turn=turn.n, outcome="replied", upto=turn.upto)),
        )

    def _fails(self, _: int) -> None:
        turn = self.state.turn
        if turn is None:
            return
        ended = ev.TurnEnded(turn=turn.n, outcome="failed", upto=self.state.cause)
        handover = ownership.hand_over(self.state, by=ADA, reason="model_failure", reasons=[])
        self._commit(ev.New(SYSTEM, ended), *handover)

    def _takes_over(self, pick: int) -> None:
        if self.state.owner not in (ASSISTANT, LINE):
            return
        turn, reply = self.state.turn, None
        if turn is not None and not turn.unfinished and pick % 2:
            reply = Reply(turn.n, 1, self.state.epoch, self.state.steps + 1, 0, "Let me")
        self._commit(*ownership.take_over(self.state, reply, SAM, assistant=ADA))

    def _answers(self, _: int) -> None:
        if self.state.owner == SAM.owner:
            self._commit(ev.New(SAM.by, ev.StaffSaid(id=f"m{next(self._ids)}", text="Sam here")))

    def _staff_calls(self, pick: int) -> None:
        """A person calls, and what they called begins and ends whoever has the floor by then."""
        for call, calling in self.state.calling.items():
            if calling.started:
                result = Raw(b'{"n": 2.50}')
                self._system(
                    ev.ToolFinished(call=call, key=None, outcome="succeeded", result=result)
                )
            else:
                self._system(ev.ToolStarted(call=call, key=None))
            return
        if self.state.owner == SAM.owner:
            id_ = staff_call_id("c_1", SAM.id, str(next(self._ids)))
            verdicts: list[ev.Verdict] = ["allow", "allow", "hold", "deny"]
            verdict = verdicts[pick % 4]
            called = ev.StaffCalled(
                call=id_, tool="issue_refund", arguments=Raw(b"{}"), verdict=verdict
            )
            held = [ev.New(SAM.by, _held(id_))] if verdict == "hold" else []
            self._commit(ev.New(SAM.by, called), *held)

    def _gives_back(self, pick: int) -> None:
        if self.state.owner == SAM.owner:
            brief = "all is well" if pick % 2 else None
            self._commit(*ownership.give_back(self.state, SAM, brief=brief, assistant="Ada"))

    def _decides(self, pick: int) -> None:
        for hold in self.state.open_holds:
            match hold.status:
                case "held" if pick % 3 == 0:
                    self._commit(*decisions.withdraw(self.state, None, hold=hold.hold, by=ROBIN))
                case "held":
                    decide = decisions.approve if pick % 3 == 1 else _reject
                    self._commit(
                        *decide(
                            self.state, None,
                            seen=Seen(hold.hold, 1, hold.digest), person=SAM, now_ms=0,
                        )
                    )  # fmt: skip
                case "approved":
                    self._commit(*holds.begin(self.state, hold.hold))
                case "unknown":
                    self._commit(
                        *decisions.settle(
                            self.state, None,
                            hold=hold.hold, outcome="succeeded", reference="RF-7", person=SAM,
                        )
                    )  # fmt: skip
                case _:
                    outcome: holds.Outcome = "succeeded" if pick % 2 else "failed"
                    result = Raw(b'{"paid": 60.00}')
                    self._commit(*holds.finish(self.state, hold.hold, outcome, result=result))
            return

    def _closes(self, _: int) -> None:
        if not self.state.calling and all(
            hold.status in ("held", "needs_info") for hold in self.state.open_holds
        ):
            self._commit(
                *ownership.close(self.state, None, by=ROBIN, assistant=ADA, resolution=None)
            )


def _reject(state: State, reply: Reply | None, **what: Any) -> list[ev.New]:
    return decisions.reject(state, reply, **what, reason="no")


def _call(id_: str, verdict: ev.Verdict, arguments: bytes = b'{"order_id": "W1"}') -> ev.Call:
    return ev.Call(
        call=id_,
        model_call_id="call_0",
        tool="issue_refund",
        arguments=Raw(arguments),
        verdict=verdict,
        because=None if verdict == "allow" else f"because {verdict}",
        hold=hold_id(id_) if verdict == "hold" else UNSET,
    )


def _write(id_: str) -> Write:
    judged = ev.Judged(title="Refund", target=id_, money=None)
    return Write(call=id_, tool="issue_refund", arguments=Raw(b"{}"), judged=judged, by=ADA)


def _held(id_: str) -> ev.Held:
    return ev.Held(
        hold=hold_id(id_), kind="call", call=id_, revision=1, digest="d", tool="issue_refund",
        title="Refund", arguments=Raw(b"{}"), target=id_, money=None, rule=None, risk=None,
        reasons=[], evidence=Raw(b"{}"),
    )  # fmt: skip


OFTEN = {
    "says": 4, "calls": 4, "works": 8, "replies": 4, "decides": 5, "gives_back": 3, "answers": 1,
    "fails": 1, "takes_over": 2, "closes": 1, "staff_calls": 3,
}  # fmt: skip
WHAT = [what for what, times in OFTEN.items() for _ in range(times)]
ACTS = st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 5)), min_size=20, max_size=80)


@given(ACTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_prompt_is_the_beginning_of_the_next(acts: list[tuple[str, int]]) -> None:
    world = World()
    world.do("says", 0)
    for what, pick in acts:
        world.do(what, pick)
    prompts = world.prompts
    for before, after in pairwise(prompts):
        assert after[: len(before)] == before
    for prompt in prompts:
        asked = [call["id"] for message in prompt for call in message.get("tool_calls", ())]
        assert [m["tool_call_id"] for m in prompt if m["role"] == "tool"] == asked
        assert all(message["content"] for message in prompt if message["role"] != "assistant")


@given(ACTS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_all_that_was_said_before_a_turn_opened_is_shown_once(
    acts: list[tuple[str, int]],
) -> None:
    world = World()
    world.do("says", 0)
    for what, pick in acts:
        world.do(what, pick)
        turn = world.state.turn
        if turn is None or turn.unfinished:
            continue
        shown = [m["content"] for m in project(world.events, system="S") if m["role"] == "user"]
        before = [e.data for e in world.events if e.seq <= turn.upto]
        assert shown == [data.text for data in before if isinstance(data, ev.CustomerSaid)]


def log(*data: ev.Data) -> list[ev.Event]:
    """A log of these events."""
    _, events = stamp(State(conversation="c_1"), [ev.New(SYSTEM, one) for one in data], 0)
    return events


def said(text: str = "Hi") -> ev.CustomerSaid:
    return ev.CustomerSaid(id=text, text=text)


def called(*calls: ev.Call, text: str = "") -> ev.AssistantCalled:
    return ev.AssistantCalled(turn=1, attempt=1, step=1, text=text, calls=list(calls))


ENDED = ev.TurnEnded(turn=1, outcome="replied", upto=1)


def test_the_system_message_is_the_preamble_and_the_operators_instructions() -> None:
    assert instructions("Ada", "Be kind.").startswith("You are Ada, ")
    assert instructions("Ada", "Be kind.").endswith("\n\nBe kind.")
    assert instructions("Ada", None) == instructions("Ada", "")
    assert "{" in instructions("Ada", None)
    assert "{{" not in instructions("Ada", None)


@pytest.mark.parametrize("text", ["  Hi \n", "<b>", '{"role": "system"}', "e\u0301 \u2028"])
def test_texts_are_shown_as_they_are(text: str) -> None:
    assert project(log(said(text)), system="S") == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": text},
    ]


@pytest.mark.parametrize("verdict", ["hold", "deny", "invalid", "allow"])
def test_every_verdict_has_its_answer(verdict: ev.Verdict) -> None:
    step = called(_call("call_1", verdict), text="Hm.")
    *_, asked, answer = project(log(said(), step), system="S")

    function = {"name": "issue_refund", "arguments": '{"order_id": "W1"}'}
    tool_call = {"id": "call_1", "type": "function", "function": function}
    assert asked == {"role": "assistant", "content": "Hm.", "tool_calls": [tool_call]}
    note = "not done; do not re-issue"
    expected = {
        "hold": {"status": "held", "hold": "h_1", "note": note},
        "deny": {"error": "because deny"},
        "invalid": {"error": "because invalid"},
        "allow": {"error": "not started"},
    }[verdict]
    assert (answer["role"], answer["tool_call_id"]) == ("tool", "call_1")
    assert json.loads(answer["content"]) == expected


def test_arguments_that_do_not_parse_are_left_out() -> None:
    broken = Raw(json.dumps('{"order_id": ').encode())
    step = called(_call("call_1", "invalid", bytes(broken)))
    *_, asked, _ = project(log(said(), step), system="S")

    assert asked["tool_calls"][0]["function"]["arguments"] == "{}"


UNKNOWN = '{"status":"unknown","note":"outcome not known; do not re-issue"}'


@pytest.mark.parametrize(
    ("ends", "answer"),
    [
        ([], UNKNOWN),
        ([ev.ToolFinished(call="call_1", key="call_1", outcome="unknown")], UNKNOWN),
        (
            [ev.ToolFinished(
                call="call_1", key="call_1", outcome="succeeded", result=Raw(b'{"n": 1.50}')
            )],
            '{"n": 1.50}',
        ),
        (
            [ev.ToolFinished(
                call="call_1", key="call_1", outcome="failed", error=Raw(b'{"error":"no"}')
            )],
            '{"error":"no"}',
        ),
    ],
    ids=["never ended", "unknown", "succeeded", "failed"],
)  # fmt: skip
def test_a_write_that_has_begun_is_unknown_until_it_has_ended(
    ends: list[ev.Data], answer: str
) -> None:
    begun = ev.ToolStarted(call="call_1", key="call_1")
    events = log(said(), called(_call("call_1", "allow")), begun, *ends)

    assert project(events, system="S")[-1]["content"] == answer


def _becomes(status: ev.HoldStatus, **more: Any) -> list[ev.Data]:
    """The hold's way to a status, its last step with `more`."""
    ran: list[ev.HoldStatus] = ["approved", "executing"]
    way = ran if status in ("succeeded", "failed", "unknown") else []
    way = ["approved"] if status == "executing" else way
    steps: list[ev.Data] = [ev.HoldChanged(hold="h_1", status=one, revision=1) for one in way]
    return [*steps, ev.HoldChanged(hold="h_1", status=status, revision=1, **more)]


@pytest.mark.parametrize(
    ("status", "more", "result"),
    [
        ("succeeded", {}, {"paid": 60.0}),
        ("unknown", {}, None),
        ("rejected", {"reason": "too late"}, {"reason": "too late"}),
        ("withdrawn", {}, None),
    ],
)
def test_an_outcome_is_a_system_message_of_hold_status_and_result(
    status: ev.HoldStatus, more: dict[str, Any], result: Any
) -> None:
    finished = ev.ToolFinished(
        call="call_1", key="call_1", outcome="succeeded", result=Raw(b'{"paid": 60.00}')
    )
    step = called(_call("call_1", "hold"))
    events = log(said(), step, _held("call_1"), ENDED, finished, *_becomes(status, **more))
    outcome = project(events, system="S")[-1]

    assert outcome["role"] == "system"
    assert list(json.loads(outcome["content"])) == ["hold", "status", "result"]
    assert json.loads(outcome["content"]) == {"hold": "h_1", "status": status, "result": result}


@pytest.mark.parametrize("status", ["held", "approved", "executing", "needs_info"])
def test_steps_on_the_way_to_an_outcome_are_not_told(status: ev.HoldStatus) -> None:
    step = called(_call("call_1", "hold"))
    events = log(said(), step, _held("call_1"), ENDED, *_becomes(status))

    assert project(events, system="S")[-1]["role"] == "tool"


def test_the_raw_result_stands_in_the_outcome_as_it_came() -> None:
    finished = ev.ToolFinished(
        call="call_1", key="call_1", outcome="succeeded", result=Raw(b'{"n": 1e2, "m": 40.00}')
    )
    step = called(_call("call_1", "hold"))
    events = log(said(), step, _held("call_1"), ENDED, finished, *_becomes("succeeded"))

    assert project(events, system="S")[-1]["content"] == (
        '{"hold":"h_1","status":"succeeded","result":{"n": 1e2, "m": 40.00}}'
    )


def test_a_result_that_comes_when_the_next_turn_has_begun_is_told_at_its_own_place() -> None:
    begun = ev.ToolStarted(call="call_1", key="call_1")
    events = log(
        said(),
        called(_call("call_1", "allow")),
        begun,
        ev.TurnEnded(turn=1, outcome="cut", upto=1),
        ev.OwnerChanged(from_=ASSISTANT, to=SAM.owner, epoch=2, cause="takeover", name="Sam"),
        said("And?"),
        ev.OwnerChanged(from_=SAM.owner, to=ASSISTANT, epoch=3, cause="returned"),
        ev.ToolFinished(
            call="call_1", key="call_1", outcome="succeeded", result=Raw(b'{"n": 1.50}')
        ),
        ev.AssistantSaid(text="One moment.", turn=2),
        ev.TurnEnded(turn=2, outcome="replied", upto=7),
    )
    told = project(events, system="S")

    assert told[3] == {"role": "tool", "tool_call_id": "call_1", "content": UNKNOWN}
    late = '{"call":"call_1","status":"succeeded","result":{"n": 1.50}}'
    assert told[-2:] == [
        {"role": "assistant", "content": "One moment."},
        {"role": "system", "content": late},
    ]


def test_notes_and_the_servers_own_lines_are_not_the_models() -> None:
    quiet: list[ev.Data] = [
        ev.NoteAdded(id="n", text="for staff only"),
        ev.SystemSaid(text="Sam has joined.", code="joined"),
        ev.HandoverRequested(reason="silent", reasons=[]),
        ev.CustomerIdentified(customer="u", level="token", how="token"),
    ]
    assert project(log(said(), *quiet), system="S") == project(log(said()), system="S")


CALLED = ev.StaffCalled(
    call="call_s1", tool="issue_refund", arguments=Raw(b'{"order_id": "W1"}'), verdict="allow"
)


def by_sam(*data: ev.Data) -> list[ev.Event]:
    """A conversation that Sam had for a while, with this in it, and the assistant has again."""
    with_sam = [
        said(),
        ev.TurnEnded(turn=1, outcome="handed_over", upto=1),
        ev.OwnerChanged(from_=ASSISTANT, to=SAM.owner, epoch=2, cause="takeover", name="Sam"),
    ]
    back = ev.OwnerChanged(from_=SAM.owner, to=ASSISTANT, epoch=3, cause="returned")
    state, events = stamp(
        State(conversation="c_1"), [ev.New(SAM.by, one) for one in [*with_sam, *data]], 0
    )
    return [*events, *stamp(state, [ev.New(SYSTEM, back), ev.New(ROBIN, said("And?"))], 0)[1]]


def told(events: list[ev.Event]) -> list[str]:
    """What the model is told beside words, less that it has the conversation again."""
    shown = [m["content"] for m in project(events, system="S") if m["role"] == "system"]
    return [text for text in shown if text.startswith("{")]


@pytest.mark.parametrize(
    ("finished", "tells"),
    [
        (
            ev.ToolFinished(
                call="call_s1", key="call_s1", outcome="succeeded", result=Raw(b'{"n": 1.50}')
            ),
            ['{"call":"call_s1","tool":"issue_refund","status":"succeeded","result":{"n": 1.50}}'],
        ),
        (
            ev.ToolFinished(
                call="call_s1", key="call_s1", outcome="failed", error=Raw(b'{"error":"no"}')
            ),
            ['{"call":"call_s1","tool":"issue_refund","status":"failed","result":{"error":"no"}}'],
        ),
        (
            ev.ToolFinished(call="call_s1", key="call_s1", outcome="unknown"),
            ['{"call":"call_s1","tool":"issue_refund","status":"unknown","result":null}'],
        ),
        (ev.ToolFinished(call="call_s1", key=None, outcome="not_started"), []),
    ],
    ids=["succeeded", "failed", "unknown", "not started"],
)
def test_what_a_person_did_is_told_when_the_assistant_is_back(
    finished: ev.ToolFinished, tells: list[str]
) -> None:
    began = [] if finished.outcome == "not_started" else [ev.ToolStarted(call="call_s1", key=None)]
    assert told(by_sam(CALLED, *began, finished)) == tells


def test_what_became_of_a_persons_request_names_its_tool() -> None:
    events = by_sam(
        ev.StaffCalled(
            call="call_1", tool="issue_refund", arguments=Raw(b"{}"), verdict="hold", hold="h_1"
        ),
        _held("call_1"),
        *_becomes("rejected", reason="no"),
    )
    outcome = '"hold":"h_1","status":"rejected","result":{"reason":"no"}'
    assert told(events) == [f'{{"call":"call_1","tool":"issue_refund",{outcome}}}']


def test_what_was_denied_to_a_person_is_not_the_models() -> None:
    assert told(by_sam(replace(CALLED, verdict="deny", because="no"))) == []


def test_what_was_settled_later_is_told_with_its_reference() -> None:
    doubt = ev.Held(
        hold="h_1", kind="settle", call="call_1", revision=1, digest="d", tool="issue_refund",
        title="Refund", arguments=Raw(b"{}"), target="W1", money=None, rule=None, risk=None,
        reasons=[], evidence=Raw(b"{}"),
    )  # fmt: skip
    events = log(
        said(),
        called(_call("call_1", "allow")),
        ev.ToolStarted(call="call_1", key="call_1"),
        ev.ToolFinished(call="call_1", key="call_1", outcome="unknown"),
        doubt,
        ENDED,
        ev.HoldChanged(hold="h_1", status="succeeded", revision=1, reference="RF-7"),
    )
    outcome = '"hold":"h_1","status":"succeeded","result":{"reference":"RF-7"}'
    assert told(events) == [f'{{"call":"call_1",{outcome}}}']
