/** Where a decided hold stands, exactly as far as the server knows. */
import type { JSX } from "preact";
import type { HoldStatus } from "../../shared/wire";
import { formatTime } from "../../shared/format";
import { useDesk } from "../app/useDesk";
import { Icon, type IconName } from "../parts/Icon";
import type { Hold } from "../store/summaries";
import { decision, type Step, steps } from "./history";

interface Look {
  tone: "flat" | "held" | "good" | "bad";
  icon: IconName;
  title: string;
  detail: string;
}

const LOOKS: Partial<Record<HoldStatus, Look>> = {
  needs_info: {
    tone: "held",
    icon: "clock",
    title: "Waiting for an answer",
    detail: "Nothing runs meanwhile; it can be decided without the answer as well.",
  },
  approved: {
    tone: "held",
    icon: "clock",
    title: "Approved, about to run",
    detail: "The facts are looked up and judged once more first. Nothing has run yet.",
  },
  executing: {
    tone: "held",
    icon: "clock",
    title: "Running now",
    detail: "The tool was called; its answer is awaited.",
  },
  succeeded: {
    tone: "good",
    icon: "check",
    title: "Done",
    detail: "The tool confirmed it. The customer is told.",
  },
  failed: {
    tone: "bad",
    icon: "warning",
    title: "Failed",
    detail: "The tool refused it. The customer is told.",
  },
  unknown: {
    tone: "bad",
    icon: "warning",
    title: "Outcome not known",
    detail:
      "The tool did not answer; it may or may not have run. It will not be tried again by itself.",
  },
  rejected: {
    tone: "flat",
    icon: "cross",
    title: "Rejected",
    detail: "Nothing has run. The customer is told.",
  },
  withdrawn: { tone: "flat", icon: "returned", title: "Withdrawn", detail: "Nothing has run." },
  expired: {
    tone: "flat",
    icon: "clock",
    title: "Expired",
    detail: "Nobody decided in time. Nothing has run.",
  },
};

export function StatusBand({ hold }: { hold: Hold }): JSX.Element | null {
  const { store } = useDesk();
  const look = LOOKS[hold.status];
  if (!look) return null;
  const sent = hold.kind === "draft" && hold.status === "succeeded";
  const decided = decision(steps(store.threadOf(hold.conversation).journal.events, hold.hold));
  return (
    <div class={`status ${look.tone}`} role="status">
      <Icon name={look.icon} />
      <div class="grow">
        <b class="b">{sent ? "Sent" : look.title}</b>
        {decided?.by && <span> · {by(decided, store.lists.value.me?.name)}</span>}
        <div class="s">
          {detail(hold, look)}
        </div>
      </div>
    </div>
  );
}

const UNSENT = "Nothing has been sent.";

function detail(hold: Hold, look: Look): string {
  if (hold.status === "rejected" && hold.reason) return `Reason: ${hold.reason}`;
  if (hold.reference) return `Settled by a person. Reference: ${hold.reference}`;
  if (hold.kind === "draft") return hold.status === "succeeded" ? "The customer has it." : UNSENT;
  return look.detail;
}

function by({ status, by, at }: Step, me: string | undefined): string {
  return `${status} by ${by === me ? "you" : by} at ${formatTime(at)}`;
}
