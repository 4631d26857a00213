/**
 * The reply as it is written. Its bubble is as wide as it may get from the first word on, so
 * that no line breaks anew; the newest words fade in and a caret follows them. Screen readers
 * hear the committed message once, not the words.
 */
import type { JSX } from "preact";
import { Linked } from "../../shared/RichText";
import { paragraphs } from "../../shared/text";
import { Speaker } from "./TheirMessages";

const FADING_WORDS = 12;

interface Props {
  name: string;
  goesOn: boolean;
  text: string;
}

export function StreamingReply({ name, goesOn, text }: Props): JSX.Element {
  const parts = paragraphs(text);
  const done = parts.slice(0, -1);
  return (
    <Speaker role="assistant" name={name} goesOn={goesOn}>
      <div class="b live" aria-busy="true" aria-live="off">
        {done.map((part, index) => (
          <p key={index} dir="auto">
            <Linked text={part} />
          </p>
        ))}
        <Tail key={done.length} text={parts.at(-1) ?? ""} />
      </div>
    </Speaker>
  );
}

/** The paragraph being written: what has settled is one text, the last words are apart. */
function Tail({ text }: { text: string }): JSX.Element {
  const pieces = text.match(/\s*\S+/g) ?? [];
  const settled = Math.max(0, pieces.length - FADING_WORDS);
  return (
    <p dir="auto">
      {pieces.slice(0, settled).join("")}
      {pieces.slice(settled).map((piece, index) => (
        <Word key={settled + index} piece={piece} />
      ))}
    </p>
  );
}

/** A word with the space before it, which stays outside: a box over two lines misplaces the caret. */
function Word({ piece }: { piece: string }): JSX.Element {
  const word = piece.trimStart();
  return (
    <>
      {piece.slice(0, piece.length - word.length)}
      <span class="w">{word}</span>
    </>
  );
}
