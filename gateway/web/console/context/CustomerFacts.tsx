/** Who the customer is, as far as anybody told us, and how surely. */
import type { JSX } from "preact";
import { facts, label } from "../hold/flatten";
import { OddText } from "../parts/OddText";
import type { Customer } from "../thread/facts";

const HOW: Record<string, string> = {
  token: "signed by the shop",
  tool: "confirmed by a tool",
  staff: "confirmed by staff",
};

export function CustomerFacts({ customer }: { customer: Customer }): JSX.Element {
  const { id, name, level, how, channel, page, locale, attributes } = customer;
  return (
    <section class="sec">
      <header>
        <h2>Customer</h2>
        <span class={level === "anonymous" ? "xs muted" : "xs c-person"}>
          {level === "anonymous" ? "anonymous" : (HOW[how ?? ""] ?? level)}
        </span>
      </header>
      <dl class="facts">
        {name && <Fact label="Name" text={name} />}
        <Fact label="Id" text={id} />
        {facts(attributes)
          .filter(({ key }) => key !== "name" && key !== "")
          .map(({ key, text }) => (
            <Fact key={key} label={label(key)} text={text} />
          ))}
        {channel && <Fact label="Channel" text={channel} />}
        {page && <Fact label="Page" text={page} />}
        {locale && <Fact label="Language" text={locale} />}
      </dl>
    </section>
  );
}

function Fact({ label, text }: { label: string; text: string }): JSX.Element {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <OddText text={text} />
      </dd>
    </>
  );
}
