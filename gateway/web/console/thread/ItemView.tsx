/** Chooses how an item of the thread looks. */
import type { JSX } from "preact";
import { Decision } from "./Decision";
import { Handover } from "./Handover";
import { HoldBand } from "./HoldBand";
import type { Item } from "./items";
import { Message } from "./Message";
import { Note } from "./Note";
import { Ownership } from "./Ownership";
import { Rule } from "./Rule";
import { ToolLine } from "./ToolLine";
import { Trouble } from "./Trouble";

export function ItemView({ item, conversation }: { item: Item; conversation: string }): JSX.Element {
  switch (item.kind) {
    case "message":
      return <Message item={item} conversation={conversation} />;
    case "note":
      return <Note item={item} />;
    case "tool":
      return <ToolLine item={item} />;
    case "hold":
      return <HoldBand item={item} />;
    case "decision":
      return <Decision item={item} />;
    case "handover":
      return <Handover item={item} />;
    case "owner":
      return <Ownership item={item} conversation={conversation} />;
    case "rule":
      return <Rule item={item} />;
    case "trouble":
      return <Trouble item={item} conversation={conversation} />;
  }
}
