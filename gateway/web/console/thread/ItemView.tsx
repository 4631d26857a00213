/** Chooses how an item of the thread looks. */
import type { JSX } from "preact";
import { Decision } from "./Decision";
import { Handover } from "./Handover";
import { HoldBand } from "./HoldBand";
import type { Item } from "./item";
import { Message } from "./Message";
import type { Names } from "./names";
import { Note } from "./Note";
import { Ownership } from "./Ownership";
import { Rule } from "./Rule";
import { ToolLine } from "./ToolLine";
import { Trouble } from "./Trouble";

interface Props {
  item: Item;
  names: Names;
  /** The customer has this message, and nothing of ours after it. */
  read: boolean;
}

export function ItemView({ item, names, read }: Props): JSX.Element {
  switch (item.kind) {
    case "message":
      return <Message item={item} names={names} read={read} />;
    case "note":
      return <Note item={item} me={names.me} />;
    case "tool":
      return <ToolLine item={item} me={names.me} />;
    case "hold":
      return <HoldBand item={item} />;
    case "decision":
      return <Decision item={item} />;
    case "handover":
      return <Handover item={item} />;
    case "owner":
      return <Ownership item={item} names={names} />;
    case "rule":
      return <Rule item={item} />;
    case "trouble":
      return <Trouble item={item} assistant={names.assistant} />;
  }
}
