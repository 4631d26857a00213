/** A log that stays at its end as it grows, but only for a reader who is there. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const NEAR_PX = 48;

export interface Sticky {
  log: { current: HTMLDivElement | null };
  content: { current: HTMLDivElement | null };
  /** The reader has scrolled up, and there is more below. */
  away: boolean;
  toEnd: () => void;
}

/** Give `log` to the scrolling element and `content` to what grows in it; `sent` names the
 * reader's own last message, which brings them to the end wherever they were. */
export function useSticky(sent: string | null): Sticky {
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const place = useRef({ stuck: true, top_px: 0 });
  const [away, setAway] = useState(false);
  const stick = (stuck: boolean): void => {
    const scroller = log.current;
    if (!scroller) return;
    if (stuck) scroller.scrollTop = scroller.scrollHeight;
    place.current = { stuck, top_px: scroller.scrollTop };
    setAway(!stuck);
  };
  const follow = (): void => {
    if (place.current.stuck && log.current) stick(stays(log.current, place.current));
  };
  useLayoutEffect(follow);
  useLayoutEffect(() => {
    if (sent !== null) stick(true);
  }, [sent]);
  useEffect(() => {
    const scroller = log.current;
    if (!scroller || !content.current) return;
    const scrolled = (): void => {
      const stuck = stays(scroller, place.current);
      place.current = { stuck, top_px: scroller.scrollTop };
      setAway(!stuck);
    };
    const grown = new ResizeObserver(follow);
    grown.observe(content.current);
    grown.observe(scroller);
    scroller.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      grown.disconnect();
      scroller.removeEventListener("scroll", scrolled);
    };
  }, []);
  return { log, content, away, toEnd: () => stick(true) };
}

/** Who was at the end leaves it only by scrolling up: a log that grew moves nobody. */
function stays(scroller: HTMLElement, place: { stuck: boolean; top_px: number }): boolean {
  const below_px = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  return below_px < NEAR_PX || (place.stuck && scroller.scrollTop >= place.top_px);
}
