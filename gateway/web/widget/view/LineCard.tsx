/** Waiting in line: the place, how long it may take, and what happens if nobody comes. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import type { Line } from "../../shared/wire";
import { words } from "../words";
import { Icon } from "./Icon";
import { useSpoken } from "./useSpoken";

const SPOKEN_EVERY_MS = 30_000;
const DRAWN_PLACES = 6;

export function LineCard({ line, assistant }: { line: Line; assistant: string }): JSX.Element {
  const { position, deadline } = line;
  const wait = waitWords(line);
  const spoken = useSpoken(
    position == null ? wait : words.lineSpoken(position, wait),
    SPOKEN_EVERY_MS,
  );
  return (
    <article class="card" aria-label={words.lineLabel}>
      <p class="vh" role="status">
        {spoken}
      </p>
      {position == null ? <p class="sub num">{wait}</p> : <Place position={position} wait={wait} />}
      <ul class="will">
        <li>
          <Icon name="clock" />
          <span>{line.message || words.browse}</span>
        </li>
        {deadline && <Deadline deadline={deadline} then={thenWords(line, assistant)} />}
      </ul>
    </article>
  );
}

function Place({ position, wait }: { position: number; wait: string }): JSX.Element {
  const ahead = Math.min(position - 1, DRAWN_PLACES);
  return (
    <>
      <div class="place">
        <div class="big num">
          {position}
          <sup>{words.ordinal(position)}</sup>
        </div>
        <div>
          <h3>{words.inLineAt}</h3>
          <p class="sub num">{wait}</p>
        </div>
      </div>
      <div class="queue" aria-hidden="true">
        {Array.from({ length: ahead }, (_, index) => (
          <i key={index} />
        ))}
        <i class="you" />
      </div>
    </>
  );
}

function Deadline({ deadline, then }: { deadline: string; then: string }): JSX.Element {
  const [before, after] = words.until;
  return (
    <li>
      <Icon name="info" />
      <span>
        {before}
        <b class="num">
          <bdi dir="ltr">{formatMoment(deadline)}</bdi>
        </b>
        {after}
        {then}
      </span>
    </li>
  );
}

function waitWords({ wait_s }: Line): string {
  if (!wait_s) return words.waitUnknown;
  const [low, high] = wait_s.map((wait) => Math.max(1, Math.ceil(wait / 60))) as [number, number];
  return words.wait(low, high);
}

/** `then` names what follows, or says it in the server's own words. */
function thenWords({ then }: Line, assistant: string): string {
  if (then === "follow_up") return words.thenFollowUp;
  return then?.includes(" ") ? then : words.thenAssistant(assistant);
}
