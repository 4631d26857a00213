/** A tool's arguments as fields of a form, and back. Pure. */

/** One argument of a tool, as its schema declares it. */
export interface ToolField {
  name: string;
  hint: string;
  kind: "text" | "number" | "boolean" | "json";
  /** What it may be, when that is a short list. */
  choices: readonly string[];
  required: boolean;
}

/** The fields for a JSON Schema of an object; what has no simple form is written as JSON. */
export function toolFields(schema: unknown): ToolField[] {
  const { properties, required } = asObject(schema);
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(asObject(properties)).map(([name, declared]) => {
    const { type, enum: choices, description } = asObject(declared);
    const texts = Array.isArray(choices) && choices.every((one) => typeof one === "string");
    return {
      name,
      hint: typeof description === "string" ? description : "",
      kind: texts ? "text" : kindOf(type),
      choices: texts ? (choices as string[]) : [],
      required: needed.includes(name),
    };
  });
}

/** The arguments as entered, or null while something needed is missing or cannot be read. */
export function entered(
  fields: readonly ToolField[],
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> | null {
  const read: Record<string, unknown> = {};
  for (const field of fields) {
    const text = (texts[field.name] ?? "").trim();
    if (text === "" && field.required) return null;
    if (text === "") continue;
    const value = valueOf(field, text);
    if (value === undefined) return null;
    read[field.name] = value;
  }
  return read;
}

function kindOf(type: unknown): ToolField["kind"] {
  if (type === "string") return "text";
  if (type === "number" || type === "integer") return "number";
  return type === "boolean" ? "boolean" : "json";
}

function valueOf({ kind }: ToolField, text: string): unknown {
  if (kind === "text") return text;
  try {
    const value: unknown = JSON.parse(text);
    return kind === "json" || typeof value === kind ? value : undefined;
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
