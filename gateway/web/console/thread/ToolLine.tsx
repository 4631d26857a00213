/** One tool call as a quiet line; its arguments and its outcome open below it, as plain text. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { exact, plain } from "../hold/flatten";
import { Icon } from "../parts/Icon";
import { OddText } from "../parts/OddText";
import type { CallState, ToolItem } from "./item";
import { callWord } from "./words";

const SHORT = 40;
const TONES: Partial<Record<CallState, string>> = {
  failed: "c-danger",
  unknown: "c-danger",
  deny: "c-hold",
};

export function ToolLine({ item, me }: { item: ToolItem; me: string | null }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <div class="ev">
        <Icon name="tool" />
        <span class="cut">
          <span class="mono">
            {item.tool}({inShort(item.arguments)})
          </span>
        </span>
        {item.by && <span>by {item.by.id === me ? "you" : item.by.name}</span>}
        <span class={TONES[item.state]}>{callWord(item.state)}</span>
        <button type="button" class="lnk" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide" : "Details"}
        </button>
      </div>
      {open && (
        <div class="details">
          {item.because && <p>{item.because}</p>}
          <Json label="Arguments" value={item.arguments} />
          {item.outcome && "result" in item.outcome && (
            <Json label="Result" value={item.outcome.result} />
          )}
          {item.outcome && "error" in item.outcome && (
            <Json label="Error" value={item.outcome.error} />
          )}
        </div>
      )}
    </>
  );
}

function Json({ label, value }: { label: string; value: unknown }): JSX.Element {
  return (
    <div>
      {label}
      <pre tabIndex={0}>
        <OddText text={exact(value)} />
      </pre>
    </div>
  );
}

/** The values alone when they are few and short; else how many there are. */
function inShort(values: unknown): string {
  if (typeof values !== "object" || values === null) return plain(values).slice(0, SHORT);
  const texts = Object.values(values).map((value) =>
    typeof value === "object" ? "…" : plain(value),
  );
  const joined = texts.join(", ");
  return joined.length <= SHORT ? joined : "…";
}
