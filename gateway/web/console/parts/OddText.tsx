/** A text as it is, with look-alike and invisible signs boxed. */
import type { JSX } from "preact";
import { pieces } from "../hold/lookalike";

export function OddText({ text }: { text: string }): JSX.Element {
  return (
    <>
      {pieces(text).map(({ text: piece, odd }, index) =>
        odd === null ? (
          piece
        ) : (
          <span key={index} class="odd" title={odd}>
            {piece}
          </span>
        ),
      )}
    </>
  );
}
