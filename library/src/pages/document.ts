import { createHash } from "node:crypto";
import type { Answer } from "../contracts/index.ts";
import type { Brand } from "./brand.ts";
import { Html, markup, type Part } from "./html.ts";
import { styleOf } from "./style.ts";

/** One page, without what all pages share. */
export interface Page {
  /** Stands in the tab, before the name of the brand. */
  readonly title: string;
  readonly body: Part;
  /** What stands at the right of the head of a wide page; left out: a narrow page with the brand in its middle. */
  readonly head?: Html;
  readonly status?: number;
  readonly headers?: Answer["headers"];
  /** Where the page leads by itself, at once. */
  readonly onward?: string | undefined;
  /** Where else a form of the page may lead by a redirect: origins, or schemes of apps. */
  readonly formTargets?: readonly string[];
}

/** Makes answers of pages. */
export type Render = (page: Page) => Answer;

/**
 * Pages load nothing but the logo and run nothing: no script, one style that is named by its hash, forms that go nowhere
 * else, no frame around them, no referrer to anyone.
 */
export function createRender(brand: Brand): Render {
  const style = styleOf(brand);
  const hash = createHash("sha256").update(style).digest("base64");
  const images = brand.logo === undefined ? "'none'" : brand.logo.startsWith("/") ? "'self'" : new URL(brand.logo).origin;
  const policy = [
    "default-src 'none'",
    "object-src 'none'",
    `style-src 'sha256-${hash}'`,
    `img-src ${images}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const always: Answer["headers"] = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
  };
  const logo = brand.logo === undefined ? undefined : markup`<img src="${brand.logo}" alt="" />`;
  const sign = markup`<p class="brand">${logo}${brand.name}</p>`;
  return ({ title, body, head, status = 200, headers = {}, formTargets = [], onward }) => {
    // URL parsers let a semicolon stand in a host: nothing may end the directive.
    const safe = formTargets.filter((target) => /^[a-z][a-z\d+.-]*:(?:\/\/[\w.:[\]-]+)?$/i.test(target));
    const own: Answer["headers"] =
      safe.length === 0 ? {} : { "content-security-policy": policy.replace("form-action 'self'", `form-action 'self' ${safe.join(" ")}`) };
    // Nothing may stand between the style and its tags: the policy names it by its hash.
    const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${
  onward !== undefined &&
  markup`<meta http-equiv="refresh" content="0;url=${onward}">
`
}<title>${title} &ndash; ${brand.name}</title>
<style>${new Html(style)}</style>
</head>
<body>
${head === undefined ? undefined : markup`<header class="top">${sign}${head}</header>`}
<main class="${head === undefined ? "narrow" : "broad"}">
${head === undefined ? sign : undefined}
${body}
</main>
</body>
</html>
`;
    return { status, headers: { ...always, ...own, ...headers }, body: page.text };
  };
}

/** Sends the browser on, so that going back or reloading does nothing again. */
export function seeOther(location: string, headers: Answer["headers"] = {}): Answer {
  return { status: 303, headers: { "cache-control": "no-store", "referrer-policy": "no-referrer", ...headers, location }, body: undefined };
}
