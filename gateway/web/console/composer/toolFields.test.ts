import { expect, test } from "vitest";
import { entered, toolFields } from "./toolFields";

const fields = toolFields({
  type: "object",
  properties: {
    order_id: { type: "string", description: "such as A-1" },
    amount: { type: "number" },
    reason: { enum: ["broken", "late"] },
    items: { type: "array" },
    notify: { type: "boolean" },
  },
  required: ["order_id", "amount"],
});

test("fields are what the schema declares", () => {
  expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ["order_id", "text", true],
    ["amount", "number", true],
    ["reason", "text", false],
    ["items", "json", false],
    ["notify", "boolean", false],
  ]);
  expect(fields[2]?.choices).toEqual(["broken", "late"]);
});

test("what is needed must be there and readable, what is not may be left out", () => {
  expect(entered(fields, { order_id: "A-1" })).toBeNull();
  expect(entered(fields, { order_id: "A-1", amount: "much" })).toBeNull();
  expect(entered(fields, { order_id: "A-1", amount: "12.50" })).toEqual({
    order_id: "A-1",
    amount: 12.5,
  });
  expect(entered(fields, { order_id: "1", amount: "1", items: '["x"]', notify: "true" })).toEqual({
    order_id: "1",
    amount: 1,
    items: ["x"],
    notify: true,
  });
});

test("a tool without arguments takes none", () => {
  expect(entered(toolFields({ type: "object" }), {})).toEqual({});
});
