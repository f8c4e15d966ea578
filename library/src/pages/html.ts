import { escapeHtml } from "../primitives/index.ts";

/** A piece of HTML that may stand in a page as it is. Made by `markup` only, so that whatever else is put in is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may be put into a page: texts are escaped, pieces and lists of them are not, nothing is left out. */
export type Part = string | number | Html | readonly Part[] | undefined | false;

/**
 * The template of every page. Whatever is put in is escaped for text and for attribute values in double quotes; nowhere
 * else (a script, a style, an attribute without quotes, a URL scheme) may anything be put.
 */
export function markup(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = pieces[0]!;
  for (const [index, part] of parts.entries()) text += written(part) + pieces[index + 1]!;
  return new Html(text);
}

function written(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string") return escapeHtml(part);
  return typeof part === "number" ? String(part) : part.map(written).join("");
}
