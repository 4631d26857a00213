/** Makes a sentence of what the server says in a phrase. */

/** With a capital first and a full stop last. */
export function sentence(text: string): string {
  const whole = text.trim();
  if (whole === "") return "";
  const begun = capital(whole);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** With a capital first. */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
