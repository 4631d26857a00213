import { expect, test } from "vitest";
import { contrastOf, fitBrand } from "./colour";

const SURFACES = ["#ffffff", "#1c1d1b"];
const COLOURS = [
  "#6b4fd8",
  "#2b4257",
  "#000000",
  "#ffffff",
  "#ff0",
  "#7f7f7f",
  "#00ffcc",
  "#808000",
];

test.each(SURFACES.flatMap((surface) => COLOURS.map((colour) => [colour, surface] as const)))(
  "%s shows on %s, and text reads on it",
  (colour, surface) => {
    const brand = fitBrand(colour, surface);
    expect(contrastOf(brand?.ground ?? "", surface)).toBeGreaterThanOrEqual(3);
    expect(contrastOf(brand?.ground ?? "", brand?.text ?? "")).toBeGreaterThanOrEqual(4.5);
  },
);

test("a colour that already shows is kept", () => {
  expect(fitBrand("#6b4fd8", "#ffffff")).toEqual({ ground: "#6b4fd8", text: "#ffffff" });
});

test("what is not a hexadecimal colour is no brand", () => {
  expect(["red", "#12345", "url(x)", ""].map((colour) => fitBrand(colour, "#ffffff"))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
