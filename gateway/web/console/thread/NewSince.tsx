/** Marks the first thing that happened while the connection was away. */
import type { ComponentChildren, JSX } from "preact";

export function NewSince({
  here,
  children,
}: {
  here: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <>
      {here && (
        <div class="ev new">
          <span class="rule" />
          <span class="c-accent m5">New while you were away</span>
          <span class="rule" />
        </div>
      )}
      {children}
    </>
  );
}
