/** The widget's icons: 20 px drawings with a 1.5 px stroke. */
import type { JSX } from "preact";

const DRAWINGS = {
  chat: (
    <>
      <path d="M4 5.75A2.25 2.25 0 0 1 6.25 3.5h7.5A2.25 2.25 0 0 1 16 5.75v5.5a2.25 2.25 0 0 1-2.25 2.25H9.4L6 16.5v-3h0A2.1 2.1 0 0 1 4 11.25z" />
      <path d="M7.25 7.25h5.5M7.25 10h3.25" />
    </>
  ),
  person: (
    <>
      <circle cx="10" cy="6.75" r="3" />
      <path d="M4 16.25c.5-3 2.8-4.5 6-4.5s5.5 1.5 6 4.5" />
    </>
  ),
  close: <path d="m5.5 5.5 9 9m0-9-9 9" />,
  down: <path d="m5 8 5 5 5-5" />,
  next: <path d="m8 5.5 4.5 4.5L8 14.5" />,
  more: <path d="M5 10h.01M10 10h.01M15 10h.01" stroke-width="2.25" />,
  up: <path d="M10 15.5v-11m-4.5 4.5L10 4.5 14.5 9" />,
  check: <path d="m4.5 10.5 3.5 3.5 7.5-8" />,
  checks: <path d="m2.5 10.5 3.25 3.25L12 6.75M9.5 13.25l.5.5 7-7" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="M10 6.25V10l2.5 1.75" />
    </>
  ),
  alert: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="M10 6.5v4.25M10 13.4h.01" />
    </>
  ),
  info: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="M10 9.25v4.25M10 6.6h.01" />
    </>
  ),
  offline: (
    <path d="M3 3l14 14M6.2 11.2A5.4 5.4 0 0 1 8 10M3.5 8.3A9 9 0 0 1 6.6 6.3M9.5 5.5c2.6-.1 5.1.9 7 2.8M12.5 10.3c.5.24.9.55 1.3.9M10 14.75h.01" />
  ),
  leave: (
    <path d="M8.5 4H5.75A1.75 1.75 0 0 0 4 5.75v8.5c0 .97.78 1.75 1.75 1.75H8.5M12.5 13.25 15.75 10 12.5 6.75M8.5 10h7" />
  ),
  plus: <path d="M10 4.5v11M4.5 10h11" />,
  retry: <path d="M15.75 10a5.75 5.75 0 1 1-1.7-4.07L15.75 7.5M15.75 4v3.5h-3.5" />,
} as const;

export type IconName = keyof typeof DRAWINGS;

/** A decorative icon; the word stands beside it or in its control's label. */
export function Icon({ name, look = "" }: { name: IconName; look?: string }): JSX.Element {
  return (
    <svg class={`ic ${look}`} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {DRAWINGS[name]}
    </svg>
  );
}
