/** What a thread shows, as a projection of its log: messages, quiet lines, bands. Pure. */
import type { By, Call, EventOf, LogEvent } from "../../shared/wire";
import type { DecisionItem, Item, MessageItem, ToolItem } from "./item";

/** Everything to show of a log, oldest first. */
export function items(events: readonly LogEvent[]): Item[] {
  const shown: Item[] = [];
  const calls = new Map<string, ToolItem>();
  const asked = new Map<string, Asked>();
  const titles = new Map<string, string>();
  const held = new Map<string, string>();
  events.forEach((event, index) => {
    for (const item of shownOf(event, events.slice(index + 1, index + 5), {
      calls,
      asked,
      titles,
      held,
    })) {
      shown.push(item);
    }
  });
  return shown;
}

/** The key of our last message that the customer, who has read up to `seq`, has before them. */
export function lastRead(shown: readonly Item[], seq: number): string | null {
  const ours = shown.findLast(
    (item) => item.kind === "message" && item.by.role === "staff" && item.seq <= seq,
  );
  return ours?.key ?? null;
}

/** A call as it was asked for; `by` when a person did. */
type Asked = Call & { by?: By };

interface Memory {
  /** Tool lines by call id: a later start or end changes the line in place. */
  calls: Map<string, ToolItem>;
  /** Held calls, whose line appears once they run. */
  asked: Map<string, Asked>;
  titles: Map<string, string>;
  /** The call behind each hold. */
  held: Map<string, string>;
}

function shownOf(event: LogEvent, after: readonly LogEvent[], memory: Memory): Item[] {
  const place = { key: `e${event.seq}`, seq: event.seq, at: event.at };
  switch (event.type) {
    case "conversation_started":
      return [{ ...place, kind: "rule", what: "started", detail: event.data.channel ?? null }];
    case "conversation_closed":
      return [{ ...place, kind: "rule", what: "closed", detail: event.data.resolution ?? null }];
    case "conversation_reopened":
      return [{ ...place, kind: "rule", what: "reopened", detail: null }];
    case "customer_said":
    case "staff_said":
    case "system_said":
      return [{ ...place, kind: "message", by: event.by, text: event.data.text, cut: null }];
    case "assistant_said":
      return [
        {
          ...place,
          kind: "message",
          by: event.by,
          text: event.data.text,
          cut: cutBy(event, after),
        },
      ];
    case "assistant_called":
      return called(event, memory);
    case "staff_called":
      return calledByPerson(event, memory);
    case "note_added":
      return [{ ...place, kind: "note", by: event.by, text: event.data.text }];
    case "tool_started":
      return started(event, memory);
    case "tool_finished":
      return finished(event, memory);
    case "held":
      memory.titles.set(event.data.hold, event.data.title ?? event.data.tool ?? "Action");
      memory.held.set(event.data.hold, event.data.call ?? "");
      return [
        {
          ...place,
          kind: "hold",
          hold: event.data.hold,
          conversation: event.conversation,
          title: event.data.title ?? event.data.tool ?? "Action",
          money: event.data.money,
          rule: event.data.rule ?? null,
        },
      ];
    case "hold_changed":
      edited(event, memory);
      return event.data.status === "executing" ? [] : [decision(event, memory)];
    case "handover_requested": {
      const reasons = (event.data.reasons ?? []).map((reason) => reason.text);
      return [
        { ...place, kind: "handover", reasons: reasons.length ? reasons : [event.data.reason] },
      ];
    }
    case "owner_changed":
      return owner(event, after);
    case "turn_ended":
      return event.data.outcome === "failed" || event.data.outcome === "silent"
        ? [{ ...place, kind: "trouble", outcome: event.data.outcome }]
        : [];
    default:
      return [];
  }
}

function cutBy(event: EventOf<"assistant_said">, after: readonly LogEvent[]): MessageItem["cut"] {
  if (!event.data.partial) return null;
  const owner = after.find(({ type }) => type === "owner_changed" || type === "customer_said");
  if (owner?.type === "customer_said") return "a new message";
  if (owner?.type !== "owner_changed") return "handover";
  if (owner.data.to === "nobody") return "closing";
  return owner.data.to?.startsWith("staff:") ? "takeover" : "handover";
}

function called(event: EventOf<"assistant_called">, memory: Memory): Item[] {
  const place = { seq: event.seq, at: event.at };
  const shown: Item[] = [];
  if (event.data.text.trim()) {
    shown.push({
      ...place,
      key: `e${event.seq}`,
      kind: "message",
      by: event.by,
      text: event.data.text,
      cut: null,
    });
  }
  for (const call of event.data.calls ?? []) {
    memory.asked.set(call.call, call);
    if (call.verdict !== "hold") shown.push(toolLine(call, place, memory));
  }
  return shown;
}

function calledByPerson(event: EventOf<"staff_called">, memory: Memory): Item[] {
  const { data, by } = event;
  const call = { ...data, by };
  memory.asked.set(data.call, call);
  if (data.verdict === "hold") return [];
  return [toolLine(call, { seq: event.seq, at: event.at }, memory)];
}

function toolLine(call: Asked, place: { seq: number; at: string }, memory: Memory): ToolItem {
  const line: ToolItem = {
    ...place,
    key: call.call,
    kind: "tool",
    tool: call.tool,
    arguments: call.arguments,
    state: call.verdict === "deny" || call.verdict === "invalid" ? call.verdict : "asked",
    because: call.because ?? null,
    by: call.by ?? null,
    outcome: null,
  };
  memory.calls.set(call.call, line);
  return line;
}

function started(event: EventOf<"tool_started">, memory: Memory): Item[] {
  const known = memory.calls.get(event.data.call);
  if (known) {
    known.state = "running";
    return [];
  }
  const call = memory.asked.get(event.data.call);
  if (!call) return [];
  const line = toolLine(call, { seq: event.seq, at: event.at }, memory);
  line.state = "running";
  return [line];
}

function finished(event: EventOf<"tool_finished">, memory: Memory): Item[] {
  const line = memory.calls.get(event.data.call);
  if (!line) return [];
  const { outcome, result, error } = event.data;
  if (line.state !== "deny" && line.state !== "invalid") line.state = outcome;
  line.outcome = { ...(result !== undefined && { result }), ...(error !== undefined && { error }) };
  return [];
}

/** What runs is what the hold has by now, not what was asked for. */
function edited(event: EventOf<"hold_changed">, memory: Memory): void {
  const { hold, arguments: now } = event.data;
  const call = memory.asked.get(memory.held.get(hold) ?? "");
  if (call && now !== undefined) memory.asked.set(call.call, { ...call, arguments: now });
}

function decision(event: EventOf<"hold_changed">, memory: Memory): DecisionItem {
  const title = event.data.title ?? memory.titles.get(event.data.hold) ?? "Action";
  memory.titles.set(event.data.hold, title);
  return {
    key: `e${event.seq}`,
    seq: event.seq,
    at: event.at,
    kind: "decision",
    hold: event.data.hold,
    conversation: event.conversation,
    title,
    status: event.data.status,
    decision: event.data.decision ?? null,
    by: decider(event),
    reason: event.data.reason ?? event.data.question?.text ?? event.data.answer ?? null,
  };
}

/** Who a change of a hold is owed to, by name; null when the system did it. */
export function decider(event: EventOf<"hold_changed">): string | null {
  const by = event.data.by ?? event.by;
  return by.role === "staff" || by.role === "customer" ? (by.name ?? by.role) : null;
}

/** A handover says where it goes, and a close that it closes: no second band for either. */
function owner(event: EventOf<"owner_changed">, after: readonly LogEvent[]): Item[] {
  const { from = "", to = "", brief = null } = event.data;
  if (to === "line" || to === "nobody" || from === to) return [];
  if (from === "nobody" && after.some((next) => next.type === "conversation_reopened")) return [];
  const name = event.data.name ?? event.by.name ?? null;
  return [
    { key: `e${event.seq}`, seq: event.seq, at: event.at, kind: "owner", from, to, name, brief },
  ];
}
