import { expect, test } from "vitest";
import { address, holdAddress, parse } from "./route";

test("an address leads back to what it names", () => {
  expect(parse(address("live", "c_1", "context"))).toEqual({
    view: "live",
    id: "c_1",
    conversation: "c_1",
    context: true,
  });
  expect(parse(holdAddress("h_1", "c_1"))).toMatchObject({
    view: "holds",
    id: "h_1",
    conversation: "c_1",
  });
});

test("an address nobody knows is one's own list", () => {
  expect(parse("#/elsewhere/%E0%A4%A")).toMatchObject({ view: "mine", id: null });
});
