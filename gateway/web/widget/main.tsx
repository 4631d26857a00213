/** Puts the chat on a page that carries `<script src=".../widget.js" data-handrail async>`. */
import { identityOf } from "./identity";
import { mount } from "./mount";

const script = document.currentScript ?? document.querySelector("script[data-handrail]");

if (script instanceof HTMLScriptElement) {
  const start = (): void => mount(identityOf(script));
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start, { once: true });
}
