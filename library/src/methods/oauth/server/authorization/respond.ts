import type { Answer, Refusal } from "../../../../contracts/index.ts";
import { descriptionOf, rfcError } from "../answer.ts";
import { writeParameters } from "../parameters.ts";
import type { ReplyTo } from "./request.ts";

export interface RespondParts {
  readonly issuer: string;
  /** A page that sends a form on by itself (OAuth 2.0 Form Post Response Mode s.2). */
  readonly formPost: (action: string, fields: Readonly<Record<string, string>>) => Answer;
}

/** Sends a code to the client, with the state that it sent and the name of who answers (RFC 9207). */
export function respondWithCode(code: string, replyTo: ReplyTo, parts: RespondParts): Answer {
  return respond({ code }, replyTo, parts);
}

/** Sends the client what was wrong (RFC 6749 s.4.1.2.1). */
export function respondWithError(refusal: Refusal, replyTo: ReplyTo, parts: RespondParts): Answer {
  return respond({ error: rfcError(refusal), error_description: descriptionOf(refusal) }, replyTo, parts);
}

function respond(facts: Readonly<Record<string, string>>, { redirectUri, responseMode, state }: ReplyTo, parts: RespondParts): Answer {
  const fields = { ...facts, ...(state === undefined ? {} : { state }), iss: parts.issuer };
  if (responseMode === "form_post") return parts.formPost(redirectUri, fields);
  // What is registered stays as it is: a URL parser would write it anew.
  const location = `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${writeParameters(Object.entries(fields))}`;
  // 303: whatever was posted here is not posted there (RFC 9700 s.4.12).
  return { status: 303, headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" }, body: undefined };
}
