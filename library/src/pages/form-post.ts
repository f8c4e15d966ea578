import { createHash } from "node:crypto";
import type { Answer } from "../contracts/index.ts";
import { markup } from "./html.ts";

const script = "document.forms[0].submit()";
const scriptHash = createHash("sha256").update(script).digest("base64");

/**
 * A page that sends these fields on to one address by itself (OAuth 2.0 Form Post Response Mode s.2); without scripts by a
 * button. The policy names the one script by its hash, and the one place where the form may go.
 */
export function formPostPage(action: string, fields: Readonly<Record<string, string>>): Answer {
  const url = new URL(action);
  const target = url.origin === "null" ? url.protocol : url.origin;
  const page = markup`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Continue</title></head>
<body>
<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}" />`)}
<noscript><button>Continue</button></noscript>
</form>
`;
  return {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; script-src 'sha256-${scriptHash}'; form-action ${target}; base-uri 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cache-control": "no-store",
    },
    body: `${page.text}<script>${script}</script>\n</body>\n</html>\n`,
  };
}
