import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { markup } from "./html.ts";

const nasty = array(
  constantFrom("<", ">", "&", '"', "'", "</script>", "<!--", "]]>", "\u0000", "\ud800", "javascript:", "x", "&lt;", "`", "="),
  {
    maxLength: 12,
  },
).map((pieces) => pieces.join(""));
const anyText = oneof(nasty, string({ unit: "binary" }));

/** What a browser makes of it again: the five references that are written. */
const read = (text: string) =>
  text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" })[name]!);

describe("the template of pages", () => {
  test("lets no text out of its element or its attribute, and loses nothing of it", () => {
    assert(
      property(anyText, (text) => {
        const [inText, inAttribute] = [markup`<p>${text}</p>`.text.slice(3, -4), markup`<i a="${text}">`.text.slice(6, -2)];
        for (const written of [inText, inAttribute]) {
          expect(written).not.toMatch(/[<>"']/);
          expect(written.replace(/&(?:lt|gt|quot|#39|amp);/g, "")).not.toContain("&");
          // Control characters and halves of characters become a visible sign; everything else comes back as it was.
          const shown = text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}/gu, "\ufffd");
          expect(read(written)).toBe(shown);
        }
      }),
    );
  });

  test("writes pieces as they are, lists one after the other, and leaves out what is not there", () => {
    const rows = ["a", "<b>"].map((name) => markup`<li>${name}</li>`);
    expect(markup`<ul>${rows}${false}${undefined}${[1, "&"]}</ul>`.text).toBe("<ul><li>a</li><li>&lt;b&gt;</li>1&amp;</ul>");
  });

  test("takes nothing for a piece that only looks like one", () => {
    expect(() => markup`${{ text: "<b>" }}`).toThrow(TypeError);
  });
});
