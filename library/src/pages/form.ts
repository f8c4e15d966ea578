import type { Refusal } from "../contracts/index.ts";
import { type Html, markup, type Part } from "./html.ts";

/** One labelled field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "email" | "password" | "text";
  readonly autocomplete: string;
  readonly value?: string | undefined;
  /** What is allowed, said before anything goes wrong. */
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly required?: boolean;
  readonly focus?: boolean;
  /** Tells fields of one name in several forms of a page apart. */
  readonly id?: string;
}

/** A field whose hint and error are read out with it. */
export function fieldOf({ name, label, type, autocomplete, value, hint, error, required = true, focus = false, id = name }: Field): Html {
  const describedBy = [error === undefined ? "" : `${id}-error`, hint === undefined ? "" : `${id}-hint`]
    .filter((part) => part !== "")
    .join(" ");
  return markup`<div class="field">
    <label for="${id}">${label}</label>
    <input
      id="${id}"
      name="${name}"
      type="${type}"
      autocomplete="${autocomplete}"
      value="${value ?? ""}"
      autocapitalize="none"
      spellcheck="false"
      ${required && markup` required`}${focus && markup` autofocus`}${error !== undefined && markup` aria-invalid="true"`}${describedBy !== "" && markup` aria-describedby="${describedBy}"`}
    />
    ${error !== undefined && markup`<p class="error" id="${id}-error">${error}</p>`}
    ${hint !== undefined && markup`<p class="small" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** A form that is sent by POST and carries the token by which an old browser's form is known to be ours. */
export function formOf(action: string, token: string, inside: Part): Html {
  return markup`<form method="post" action="${action}">
    <input type="hidden" name="csrf_token" value="${token}" />
    ${inside}
  </form>`;
}

/** What went wrong with the form as a whole; read out at once. */
export function alertOf(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : markup`<div class="alert" role="alert"><p>${text}</p></div>`;
}

/** What has been done. */
export function doneOf(inside: Part): Html {
  return markup`<div class="done" role="status">${inside}</div>`;
}

/** Where a refusal of a form is shown: beside the field that it is about, or above all. */
export interface Shown {
  readonly alert: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

export const nothingShown: Shown = { alert: undefined, fields: {} };

/**
 * Puts a refusal where it belongs. A hint `name: rule.` is about that field, for which the form may have words for people;
 * codes of one field are listed by the form; everything else stands above it.
 */
export function shownOf(
  refusal: Refusal,
  fieldOfCode: (code: string) => string | undefined = () => undefined,
  rules: Readonly<Record<string, string>> = {},
): Shown {
  const hinted = /^(\w+): (.*)$/s.exec(refusal.hint ?? "");
  if (refusal.code === "http.field-invalid" && hinted !== null)
    return { alert: undefined, fields: { [hinted[1]!]: rules[hinted[1]!] ?? sentence(hinted[2]!) } };
  const text =
    refusal.retryAfterSeconds === undefined ? `${refusal.title} ${refusal.hint ?? ""}`.trim() : waitText(refusal.retryAfterSeconds);
  const field = fieldOfCode(refusal.code);
  return field === undefined ? { alert: text, fields: {} } : { alert: undefined, fields: { [field]: text } };
}

/** For people, who see no header. */
function waitText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return `Too many attempts. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
