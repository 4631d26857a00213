/** What happened to a hold, step by step, as the log has it. */
import type { JSX } from "preact";
import { formatTime } from "../../shared/format";
import { useDesk } from "../app/useDesk";
import type { Hold } from "../store/summaries";
import { type Step, steps } from "./history";
import { statusWord } from "./words";

export function Timeline({ hold }: { hold: Hold }): JSX.Element | null {
  const { store } = useDesk();
  const history = steps(store.threadOf(hold.conversation).journal.events, hold.hold);
  if (history.length === 0) return null;
  return (
    <section class="blk">
      <header>
        <h2>Timeline</h2>
      </header>
      <ol class="tl">
        {history.map((step, index) => (
          <li key={index} class={`${tone(step)} ${index === history.length - 1 ? "now" : ""}`}>
            <time dateTime={step.at}>{formatTime(step.at)}</time>
            <span>
              {words(step, index === 0, hold.kind)}
              {step.reason && `: ${step.reason}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function tone({ status }: Step): string {
  if (status === "held" || status === "needs_info") return "c-hold";
  if (status === "failed" || status === "unknown") return "c-danger";
  return status === "approved" || status === "succeeded" ? "c-person" : "muted";
}

function words(step: Step, first: boolean, kind: Hold["kind"]): string {
  const who = step.by ?? "Somebody";
  switch (step.decision) {
    case "edit":
      if (kind === "draft") return `${who} changed and sent it`;
      return `${who} changed ${step.status === "approved" ? "and approved " : ""}it, revision ${step.revision}`;
    case "ask":
      return `${who} asked`;
    case "answer":
      return `${who} answered`;
    case "escalate":
      return "Nobody decided in time; escalated";
    case "supersede":
      return "Replaced by another request";
    case "reconcile":
      return "The tool is asked what became of it";
    case "settle":
      return `${who} settled it as ${statusWord({ status: step.status, kind })}`;
    case "approve":
      if (kind === "draft") return `${who} sent it`;
      return step.status === "held" ? `${who} approved it; somebody else must, too` : `${who} approved it`;
    default:
      if (first && kind === "draft") return `${step.by ?? "The assistant"} wrote it, and it was held`;
      return undecided(step, first);
  }
}

function undecided({ status, by, revision }: Step, first: boolean): string {
  switch (status) {
    case "held":
      return first
        ? `${by ?? "The assistant"} asked, and it was held`
        : `Held again as revision ${revision}`;
    case "approved":
      return `${by ?? "Somebody"} approved it`;
    case "rejected":
      return `${by ?? "Somebody"} rejected it`;
    case "withdrawn":
      return by === "customer" || by === null ? "Withdrawn" : `${by} withdrew it`;
    case "executing":
      return "Started";
    case "succeeded":
      return "Done";
    case "failed":
      return "Failed";
    case "unknown":
      return "Ran, outcome not known";
    case "expired":
      return "Expired";
    case "needs_info":
      return "Waiting for an answer";
  }
}
