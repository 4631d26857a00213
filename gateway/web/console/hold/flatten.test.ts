import { expect, test } from "vitest";
import { exact, facts, isRounded, label } from "./flatten";

test("a nested result becomes one fact a leaf, in its own order", () => {
  const order = { id: "A-1", items: [{ name: "Lamp" }], tags: ["a", "b"], note: null, gone: [] };
  expect(facts(order)).toEqual([
    { key: "id", text: "A-1" },
    { key: "items.1.name", text: "Lamp" },
    { key: "tags", text: "a, b" },
    { key: "note", text: "none" },
    { key: "gone", text: "none" },
  ]);
});

test("a path is read as words", () => {
  expect(["can_cancel", "items.1.unit_price", ""].map(label)).toEqual([
    "Can cancel",
    "Items 1, unit price",
    "Result",
  ]);
});

test("a bare value is a fact without a key", () => {
  expect(facts(7)).toEqual([{ key: "", text: "7" }]);
});

test("an argument is shown as it will be sent", () => {
  expect(exact("two\nlines ")).toBe('"two\\nlines "');
});

test("a whole number that the browser has rounded is noticed, also deep inside", () => {
  expect(isRounded(JSON.parse('{"ids": [12345678901234567890]}'))).toBe(true);
  expect(isRounded({ amount: 189.5, id: 9007199254740991 })).toBe(false);
});
