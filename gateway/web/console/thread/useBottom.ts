/** Keeps a growing log at its end, unless the reader has scrolled away from it. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const NEAR_PX = 48;

/** Refs for the scrolling box and its content, and what to call when it scrolls. */
export interface Bottom {
  box: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  scrolled: () => void;
}

/** Stick to the end from the start; `sent` names the reader's own last message, which leads there. */
export function useBottom(sent: string | null): Bottom {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const settled = useRef({ scrollHeight: 0, clientHeight: 0 });
  useLayoutEffect(() => {
    const [outer, inner] = [box.current, content.current];
    if (!outer || !inner) return;
    const settle = (): void => {
      if (stuck.current) outer.scrollTop = outer.scrollHeight;
      settled.current = { scrollHeight: outer.scrollHeight, clientHeight: outer.clientHeight };
    };
    settle();
    const observer = new ResizeObserver(settle);
    observer.observe(outer);
    observer.observe(inner);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (sent === null || !box.current) return;
    stuck.current = true;
    box.current.scrollTop = box.current.scrollHeight;
  }, [sent]);
  const scrolled = (): void => {
    const outer = box.current;
    if (!outer) return;
    const { scrollHeight, clientHeight } = settled.current;
    const resized = outer.scrollHeight !== scrollHeight || outer.clientHeight !== clientHeight;
    if (resized) return; // the browser moved it, not the reader
    stuck.current = scrollHeight - outer.scrollTop - clientHeight < NEAR_PX;
  };
  return { box, content, scrolled };
}
