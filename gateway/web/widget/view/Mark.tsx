/** Who speaks, as a shape: the assistant a violet square, a person a green circle. */
import type { JSX } from "preact";
import { initials } from "../../shared/text";
import { Icon, type IconName } from "./Icon";

export function AssistantMark({ large = false }: { large?: boolean }): JSX.Element {
  return (
    <span class={`av ai ${large ? "lg" : ""}`} aria-hidden="true">
      <svg viewBox="0 0 20 20" focusable="false">
        <path d="M3.5 14.75h2.25c4 0 4.5-9.5 8.5-9.5h2.25" />
        <circle cx="3.5" cy="14.75" r=".9" fill="currentColor" />
        <circle cx="16.5" cy="5.25" r=".9" fill="currentColor" />
      </svg>
    </span>
  );
}

export function PersonMark({
  name,
  large = false,
}: {
  name: string;
  large?: boolean;
}): JSX.Element {
  return (
    <span class={`av pp ${large ? "lg" : ""}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** The seat is empty: in line, or over. */
export function NeutralMark({ icon }: { icon: IconName }): JSX.Element {
  return (
    <span class="av lg line" aria-hidden="true">
      <Icon name={icon} />
    </span>
  );
}
