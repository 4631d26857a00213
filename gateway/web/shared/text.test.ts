import { describe, expect, test } from "vitest";
import { codePoints, initials, linkify, paragraphs } from "./text";

const links = (text: string): (string | undefined)[] =>
  linkify(text).flatMap(({ href }) => href ?? []);

describe("paragraphs", () => {
  test("blank lines part them, line breaks stay inside", () => {
    expect(paragraphs("\none\ntwo\r\n \n\n three\n")).toEqual(["one\ntwo", "three"]);
  });
});

describe("links", () => {
  test("the runs of a text are the text again", () => {
    const text =
      "See https://a.example/x?y=1#z, (http://b.example/c_(d)) and <b>https://e.example</b>.";
    expect(
      linkify(text)
        .map((run) => run.text)
        .join(""),
    ).toBe(text);
    expect(links(text)).toEqual([
      "https://a.example/x?y=1#z",
      "http://b.example/c_(d)",
      "https://e.example/",
    ]);
  });

  test("only web addresses become links", () => {
    expect(
      links(
        "javascript:alert(1) data:text/html,x ftp://a.example file:///etc xhttps://no mailto:a@b.example",
      ),
    ).toEqual([]);
  });

  test("an address that hides its host behind a name is no link", () => {
    expect(links("https://bank.example@evil.example/")).toEqual([]);
  });
});

test("characters beyond the basic plane count once", () => {
  expect(codePoints("a😀é")).toBe(3);
});

test("initials are the first and the last name's", () => {
  expect(["Mara Lindqvist", "Ada", "Ana María del Río", ""].map(initials)).toEqual([
    "ML",
    "A",
    "AR",
    "",
  ]);
});
