/** The console's glyphs: 16 px, one stroke, coloured by their text. */
import type { JSX } from "preact";

const SHAPES = {
  logo: <path d="M3 14V5.5a2.5 2.5 0 0 1 5 0V10a2.5 2.5 0 0 0 5 0V2" />,
  inbox: (
    <>
      <path d="M2.5 9.5 4 3.5h8l1.5 6v3h-11z" />
      <path d="M2.5 9.5h3l1 1.5h3l1-1.5h3" />
    </>
  ),
  hold: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M6.5 6v4M9.5 6v4" />
    </>
  ),
  person: (
    <>
      <circle cx="8" cy="5.25" r="2.75" />
      <path d="M2.75 13.5c.6-2.6 2.6-4 5.25-4s4.65 1.4 5.25 4" />
    </>
  ),
  assistant: (
    <path d="M8 2.25c.5 3.6 2.1 5.2 5.75 5.75-3.65.55-5.25 2.15-5.75 5.75C7.5 10.15 5.9 8.55 2.25 8 5.9 7.45 7.5 5.85 8 2.25z" />
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 4.75V8l2.25 1.5" />
    </>
  ),
  check: <path d="m3 8.5 3.25 3.25L13 5" />,
  lock: (
    <>
      <rect x="3.5" y="7" width="9" height="6.5" rx="1.5" />
      <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
    </>
  ),
  warning: (
    <>
      <path d="M8 2.5 14 13H2z" />
      <path d="M8 6.5v3M8 11.25h.01" />
    </>
  ),
  cross: <path d="m4 4 8 8M12 4l-8 8" />,
  takeover: (
    <>
      <path d="M9 3h3.5v10H9" />
      <path d="M2.5 8H9M6.5 5.5 9 8l-2.5 2.5" />
    </>
  ),
  returned: (
    <>
      <path d="M6 3.5 2.5 7 6 10.5" />
      <path d="M2.5 7H10a3.25 3.25 0 0 1 0 6.5H7" />
    </>
  ),
  refresh: (
    <>
      <path d="M13.5 6.5A5.75 5.75 0 1 0 13.75 9" />
      <path d="M13.75 3v3.5h-3.5" />
    </>
  ),
  back: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  note: <path d="M2.5 3.5h11V11H8l-3 2.5V11H2.5z" />,
  tool: (
    <path d="M10.2 2.6a3.6 3.6 0 0 0-4 4.9L2.6 11a1.7 1.7 0 0 0 2.4 2.4l3.6-3.6a3.6 3.6 0 0 0 4.8-4.1L11.3 7.8 8.9 7.1 8.2 4.7z" />
  ),
  context: (
    <>
      <rect x="2.5" y="3" width="11" height="10" rx="1.5" />
      <path d="M9.5 3v10" />
    </>
  ),
  offline: (
    <>
      <path d="M2 2l12 12M4.2 9.2a5.5 5.5 0 0 1 2.3-1.4M2 6.6a9 9 0 0 1 2.3-1.6M7.5 3.8A9 9 0 0 1 14 6.6M10.3 8.1c.6.3 1.1.6 1.5 1.1" />
      <path d="M8 12.25h.01" />
    </>
  ),
  leave: (
    <>
      <path d="M7 3H3.5v10H7" />
      <path d="M6.5 8h7M11 5.5 13.5 8 11 10.5" />
    </>
  ),
  moon: <path d="M13.25 9.75A5.75 5.75 0 0 1 6.25 2.75a5.75 5.75 0 1 0 7 7z" />,
  down: <path d="m4 6 4 4 4-4" />,
  bell: (
    <>
      <path d="M4 11V7a4 4 0 0 1 8 0v4l1 1H3z" />
      <path d="M7 14h2" />
    </>
  ),
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}
