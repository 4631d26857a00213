/** The last words before the action was asked for, and the way to the whole conversation. */
import type { JSX } from "preact";
import type { LogEvent } from "../../shared/wire";
import { address } from "../app/route";
import { useDesk } from "../app/useDesk";
import { customerName, firstName, type Hold } from "../store/summaries";
import type { MessageItem } from "../thread/item";
import { items } from "../thread/items";
import { homeOf } from "./homeOf";

const SHOWN = 4;

export function Excerpt({ hold }: { hold: Hold }): JSX.Element {
  const { store } = useDesk();
  const words = before(store.threadOf(hold.conversation).journal.events, hold.hold);
  const first = firstName(customerName(hold));
  return (
    <section class="blk">
      <header>
        <h2>In the conversation</h2>
        <a class="lnk xs" href={address(homeOf(store, hold.conversation), hold.conversation)}>
          Open
        </a>
      </header>
      <dl class="said">
        {words.map(({ key, by, text }) => (
          <>
            <dt
              key={key}
              class={
                by.role === "assistant" ? "c-assistant" : by.role === "staff" ? "c-person" : ""
              }
            >
              {by.role === "customer" ? first : (by.name ?? "handrail")}
            </dt>
            <dd dir="auto">{text}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

/** Messages up to the step that asked for the hold, and the words of that step. */
function before(events: readonly LogEvent[], hold: string): MessageItem[] {
  const at = events.findIndex((event) => event.type === "held" && event.data.hold === hold);
  const said = items(at < 0 ? events : events.slice(0, at + 1));
  return said.filter((item) => item.kind === "message").slice(-SHOWN);
}
