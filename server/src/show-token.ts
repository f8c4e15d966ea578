import type { DecodedJwt, Finding } from "latchkey/jwt";

/** What a token says, for people: its members, times as they can be read, and what stands out. */
export function showToken({ header, payload, times, findings }: DecodedJwt, signature: string): string {
  return [
    ...membersOf("header", header, {}),
    ...membersOf("payload", payload, times),
    `signature  ${signature}`,
    ...findingsOf("wrong", "what is wrong", findings),
    ...findingsOf("note", "to be noted", findings),
  ].join("\n");
}

function membersOf(title: string, members: DecodedJwt["header"], times: Readonly<Record<string, string>>): string[] {
  if (members === undefined) return [`${title}  cannot be read`];
  const entries = Object.entries(members);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return [title, ...entries.map(([name, value]) => `  ${shown(name).padEnd(width)}  ${times[name] ?? shown(value)}`)];
}

/** A value on one line; nothing in it steers the terminal. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`);
}

function findingsOf(weight: Finding["weight"], title: string, findings: readonly Finding[]): string[] {
  const lines = findings.filter((finding) => finding.weight === weight).map(({ text }) => `  - ${shown(text)}`);
  return lines.length === 0 ? [] : ["", title, ...lines];
}
