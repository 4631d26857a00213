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

/** Give `log` to the scrolling element and `content` to what grows in it. */
export function useSticky(): Sticky {
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
  /** A reader may have scrolled up just now, before the browser tells. */
  const follow = (): void => {
    const { stuck, top_px } = place.current;
    if (stuck && log.current)
      stick(log.current.scrollTop >= top_px || below(log.current) < NEAR_PX);
  };
  useLayoutEffect(follow);
  useEffect(() => {
    const scroller = log.current;
    if (!scroller || !content.current) return;
    const scrolled = (): void => {
      place.current = { stuck: below(scroller) < NEAR_PX, top_px: scroller.scrollTop };
      setAway(!place.current.stuck);
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

function below({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}
