import type { Letter } from "../contracts/index.ts";
import { escapeHtml } from "../primitives/index.ts";
import type { MailMessage } from "./message.ts";
import { type Wording, wordingOf } from "./wording.ts";

interface LetterParts {
  /** Name of whoever runs this. */
  readonly brand: string;
  /** Links begin with it and nothing else: no header of a request has a say (`Host`, `Forwarded`). */
  readonly issuer: string;
  readonly from: string;
}

/**
 * Sets a letter as text and as plain HTML: no picture, nothing loaded, no link with a secret in it. The code is typed or
 * pasted into a page, so that it is never part of a URL, which logs, histories and link scanners keep.
 */
export function createLetters({ brand, issuer, from }: LetterParts): (letter: Letter) => MailMessage {
  const name = headerText(brand);
  return (letter) => {
    const wording = wordingOf(letter, name);
    return {
      from,
      fromName: name,
      to: plainAddress(letter.to),
      subject: headerText(wording.subject),
      text: textOf(wording, name, issuer),
      html: htmlOf(wording, name, issuer),
    };
  };
}

function textOf({ before, page, code, after }: Wording, brand: string, issuer: string): string {
  const lines = ["Hello,", ...before];
  if (page !== undefined) lines.push(`  ${issuer}/${page}`);
  if (code !== undefined) lines.push("and enter this code:", `  ${code}`);
  return `${[...lines, ...after, brand].join("\n\n")}\n`;
}

function htmlOf({ before, page, code, after }: Wording, brand: string, issuer: string): string {
  const paragraph = (inside: string) => `<p style="margin:0 0 16px">${inside}</p>`;
  const parts = ["Hello,", ...before].map((text) => paragraph(escapeHtml(text)));
  if (page !== undefined) {
    const url = escapeHtml(`${issuer}/${page}`);
    parts.push(paragraph(`<a href="${url}">${url}</a>`));
  }
  if (code !== undefined) {
    parts.push(paragraph("and enter this code:"));
    parts.push(`<p style="margin:0 0 16px;font:600 22px/1.4 monospace;letter-spacing:1px">${escapeHtml(code)}</p>`);
  }
  parts.push(...after.map((text) => paragraph(escapeHtml(text))), `<p style="margin:24px 0 0">${escapeHtml(brand)}</p>`);
  const style = "max-width:34em;margin:0 auto;padding:24px;font:16px/1.5 sans-serif";
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(brand)}</title></head><body style="${style}">\n${parts.join("\n")}\n</body></html>\n`;
}

/** One line: a break in a header would begin another header (CWE-93). */
function headerText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 200);
}

/** Throws for what is more, or other, than one plain address: it would be a list, a name or another header. */
function plainAddress(text: string): string {
  if (/^[^\s@<>,;:"()[\]\\\p{Cc}]+@[^\s@<>,;:"()[\]\\\p{Cc}]+$/u.test(text) && text.length <= 254) return text;
  throw new TypeError("A mail goes to one plain address.");
}
