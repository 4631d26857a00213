/** The launcher and the panel it opens. */
import type { JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fitBrand, type Brand } from "../../shared/colour";
import type { Attention } from "../attention";
import type { Session } from "../session";
import { Launcher } from "./Launcher";
import { Panel } from "./Panel";

/** The grounds that a brand colour must show on: `--surface` in tokens.css, light and dark. */
const SURFACES = { light: "#ffffff", dark: "#1c1d1b" };

export function App({
  session,
  attention,
}: {
  session: Session;
  attention: Attention;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  const launcher = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const close = useCallback(() => setOpen(false), []);
  useFocus(open, field, launcher);
  useLooking(open, attention);
  return (
    <div class="hr" style={brandStyle(session.conversation.value.settings.colour)}>
      <Panel session={session} attention={attention} open={open} field={field} onClose={close} />
      <Launcher
        open={open}
        unread={attention.unread.value}
        button={launcher}
        onToggle={() => setOpen(!open)}
      />
    </div>
  );
}

/** Opening gives the focus to the text, closing back to the launcher. */
function useFocus(
  open: boolean,
  field: { current: HTMLElement | null },
  launcher: { current: HTMLElement | null },
): void {
  const was = useRef(open);
  useLayoutEffect(() => {
    if (was.current === open) return;
    was.current = open;
    (open ? field : launcher).current?.focus({ preventScroll: true });
  }, [open]);
}

function useLooking(open: boolean, attention: Attention): void {
  useEffect(() => {
    const look = (): void => {
      attention.looking = open && document.visibilityState === "visible";
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [open, attention]);
}

function brandStyle(colour: string | null | undefined): Record<string, string> {
  const light = colour ? fitBrand(colour, SURFACES.light) : null;
  const dark = colour ? fitBrand(colour, SURFACES.dark) : null;
  return { ...variables("light", light), ...variables("dark", dark) };
}

function variables(scheme: string, brand: Brand | null): Record<string, string> {
  return brand ? { [`--${scheme}-brand`]: brand.ground, [`--on-${scheme}-brand`]: brand.text } : {};
}
