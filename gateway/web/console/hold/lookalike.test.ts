import { expect, test } from "vitest";
import { oddities, pieces } from "./lookalike";

test("a foreign letter inside a Latin word is named", () => {
  expect(oddities("m.okonkwo@gm\u0430il.com")).toEqual(["Cyrillic \u0430 (U+0430)"]);
});

test("a word wholly in another script is plain", () => {
  expect(oddities("Привет, Anna! Ζωή 北京 Zieliński")).toEqual([]);
});

test("signs nobody sees are named by their code point", () => {
  expect(oddities("A-104\u200b82")).toEqual(["invisible sign (U+200B)"]);
});

test("joined, the pieces are the text", () => {
  const text = "a\u0430b \u202e x 😀 é";
  expect(
    pieces(text)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});
