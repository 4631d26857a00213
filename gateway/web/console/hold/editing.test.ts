import { expect, test } from "vitest";
import { hold } from "../store/samples";
import { changedArguments, editable } from "./editing";

const refund = hold("h1", {
  target: "A-1",
  arguments: { order_id: "A-1", amount: 189, items: ["x"], note: "" },
});
const fields = editable(refund);

test("what the action acts on is locked", () => {
  expect(fields.filter(({ locked }) => locked).map(({ name }) => name)).toEqual(["order_id"]);
});

test("a changed number stays a number, and what was not touched stays as it is", () => {
  expect(changedArguments(fields, { amount: "120.50" })).toEqual({
    order_id: "A-1",
    amount: 120.5,
    items: ["x"],
    note: "",
  });
});

test("nothing changed is no edit", () => {
  expect(changedArguments(fields, { amount: "189" })).toBeNull();
});

test("what cannot be read is no edit", () => {
  expect(changedArguments(fields, { amount: "a lot" })).toBeNull();
  expect(changedArguments(fields, { items: "[" })).toBeNull();
});
