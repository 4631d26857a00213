/** Which small form is open instead of the composer, and for which conversation. */
import { signal } from "@preact/signals";

export type FormName = "return" | "close" | "action";

/** The open form; it belongs to one conversation. */
export const form = signal<{ conversation: string; name: FormName } | null>(null);

/** Open a form. */
export function openForm(conversation: string, name: FormName): void {
  form.value = { conversation, name };
}

/** Close whichever is open. */
export function closeForm(): void {
  form.value = null;
}
