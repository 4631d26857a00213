/** What the assistant or a person said, under their name; the word says which of the two. */
import type { ComponentChildren, JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { RichText } from "../../shared/RichText";
import type { Instant } from "../../shared/wire";
import type { Bubble, Item } from "../items";
import { words } from "../words";
import { AssistantMark, PersonMark } from "./Mark";

export function TheirMessages({ item }: { item: Extract<Item, { kind: "theirs" }> }): JSX.Element {
  return (
    <Speaker role={item.role} name={item.name} at={item.at}>
      {item.bubbles.map((bubble) => (
        <Said key={bubble.key} bubble={bubble} />
      ))}
    </Speaker>
  );
}

function Said({ bubble }: { bubble: Bubble }): JSX.Element {
  return (
    <>
      <div class={`b ${bubble.cut ? "cut" : ""}`}>
        <RichText text={bubble.text} />
      </div>
      {bubble.cut && <div class="st">{words.cutOff[bubble.cut]}</div>}
    </>
  );
}

interface SpeakerProps {
  role: "assistant" | "staff";
  name: string;
  at?: Instant;
  /** What the same speaker said just above goes on here. */
  goesOn?: boolean;
  children: ComponentChildren;
}

/** A group of one speaker's bubbles with mark, name, kind and time. */
export function Speaker({ role, name, at, goesOn = false, children }: SpeakerProps): JSX.Element {
  const assistant = role === "assistant";
  if (goesOn) return <div class={`m ${assistant ? "ai" : "pp"} more`}>{children}</div>;
  return (
    <div class={`m ${assistant ? "ai" : "pp"}`}>
      {assistant ? <AssistantMark /> : <PersonMark name={name} />}
      <div class="col">
        <div class="name">
          <b>{name}</b>
          {assistant ? words.assistant : words.person}
          {at && (
            <time class="num" dateTime={at}>
              <bdi dir="ltr">{formatMoment(at)}</bdi>
            </time>
          )}
        </div>
        {children}
      </div>
    </div>
  );
}
