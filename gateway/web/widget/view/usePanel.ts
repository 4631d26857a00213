/** How the panel behaves as a dialog: Esc closes it; on phones it is modal and full screen. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const PHONE = "(max-width: 480px)";

export interface PanelBehaviour {
  panel: RefObject<HTMLElement | null>;
  /** Full screen: the page behind cannot be reached. */
  full: boolean;
}

/** Give `panel` to the dialog's element. */
export function usePanel(open: boolean, onClose: () => void): PanelBehaviour {
  const panel = useRef<HTMLElement>(null);
  const full = usePhone();
  useEffect(() => {
    const element = panel.current;
    if (!open || !element) return;
    const key = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onClose();
      if (event.key === "Tab" && full) keepFocus(event, element);
    };
    element.addEventListener("keydown", key);
    return () => element.removeEventListener("keydown", key);
  }, [open, full, onClose]);
  useEffect(() => (open && full ? holdPage(panel.current) : undefined), [open, full]);
  return { panel, full };
}

function usePhone(): boolean {
  const [phone, setPhone] = useState(() => matchMedia(PHONE).matches);
  useEffect(() => {
    const query = matchMedia(PHONE);
    const changed = (): void => setPhone(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return phone;
}

/** Tab goes round inside the panel. */
function keepFocus(event: KeyboardEvent, panel: HTMLElement): void {
  const all = [
    ...panel.querySelectorAll<HTMLElement>(
      "button:not(:disabled), textarea, a[href], [tabindex='0']",
    ),
  ];
  const [first, last] = [all[0], all.at(-1)];
  const at = (panel.getRootNode() as ShadowRoot).activeElement;
  const wrap = event.shiftKey ? at === first && last : at === last && first;
  if (!wrap) return;
  event.preventDefault();
  wrap.focus();
}

/** The page behind does not scroll, and the panel ends above the on-screen keyboard. */
function holdPage(panel: HTMLElement | null): () => void {
  const page = document.documentElement.style;
  const before = page.overflow;
  page.overflow = "hidden";
  const view = window.visualViewport;
  const fit = (): void => {
    panel?.style.setProperty("--seen-height", `${view?.height ?? innerHeight}px`);
    panel?.style.setProperty("--seen-top", `${view?.offsetTop ?? 0}px`);
  };
  fit();
  view?.addEventListener("resize", fit);
  view?.addEventListener("scroll", fit);
  return () => {
    page.overflow = before;
    view?.removeEventListener("resize", fit);
    view?.removeEventListener("scroll", fit);
  };
}
