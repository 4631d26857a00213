/** A message's text: paragraphs and line breaks kept, web addresses linked, all of it text nodes. */
import type { JSX } from "preact";
import { linkify, paragraphs } from "./text";

export function RichText({ text }: { text: string }): JSX.Element {
  return (
    <>
      {paragraphs(text).map((paragraph, index) => (
        <p key={index} dir="auto">
          <Linked text={paragraph} />
        </p>
      ))}
    </>
  );
}

/** One paragraph's runs. */
export function Linked({ text }: { text: string }): JSX.Element {
  return (
    <>
      {linkify(text).map((run, index) =>
        run.href === undefined ? (
          run.text
        ) : (
          <a key={index} href={run.href} target="_blank" rel="noopener noreferrer nofollow">
            {run.text}
          </a>
        ),
      )}
    </>
  );
}
