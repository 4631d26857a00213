/** The widget's place in the page: a shadow root of its own. */
import type { ReadonlySignal } from "@preact/signals";
import { render, type JSX } from "preact";
import tokens from "../shared/tokens.css?inline";
import { followCustomer, type Current } from "./customers";
import type { Identity } from "./identity";
import { App } from "./view/App";
import styles from "./widget.css?inline";

const HOST = "handrail-chat";

/** Add the chat to the page; a second script on the same page adds nothing. */
export function mount(identity: Identity): void {
  if (document.querySelector(HOST)) return;
  const host = document.createElement(HOST);
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // constructed: a page's policy on inline styles allows it
  sheet.replaceSync(tokens + styles);
  root.adoptedStyleSheets = [sheet];
  render(<Chat current={followCustomer(identity)} />, root);
  document.body.append(host);
}

/** The chat of whoever is the page's customer now. */
function Chat({ current }: { current: ReadonlySignal<Current | null> }): JSX.Element | null {
  if (current.value === null) return null;
  const { session, attention } = current.value;
  return <App key={session.subject} session={session} attention={attention} />;
}
