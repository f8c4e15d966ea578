import { decodeBase64url, type JsonObject, parseJsonObject, readJws } from "../../../primitives/index.ts";
import { spanText } from "./span-text.ts";

/** Something to say of a token. `wrong`: no verifier may accept it; `note`: worth a look. */
export interface Finding {
  readonly weight: "wrong" | "note";
  readonly text: string;
}

/** What a token says, believed in nothing. */
export interface DecodedJwt {
  /** The token without what people paste along with it. */
  readonly token: string;
  readonly header: JsonObject | undefined;
  readonly payload: JsonObject | undefined;
  readonly signatureBytes: number;
  /** `exp`, `nbf` and `iat` as they can be read: `2026-11-24T10:00:00.000Z (3 hours ago)`. */
  readonly times: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

/** Takes a token apart, however broken it is, and says what is wrong with its form and its times. Total: any text in, an answer out. */
export function decodeJwt(text: string, at: number): DecodedJwt {
  const token = text.trim().replace(/^(?:authorization:\s*)?bearer\s+/i, "");
  const findings: Finding[] = [];
  const wrong = (said: string) => void findings.push({ weight: "wrong", text: said });
  const parts = token.split(".");
  if (token === "") wrong("There is no token.");
  else if (parts.length === 5)
    wrong("It has five parts: it is encrypted (JWE). Only who has the key can read it, and no verifier here takes it.");
  else if (parts.length !== 3) wrong(`It has ${parts.length} part${parts.length === 1 ? "" : "s"} between dots; a signed token has three.`);
  const header = readPart("header", parts[0] ?? "", wrong);
  const payload = parts.length === 5 ? undefined : readPart("payload", parts[1] ?? "", wrong);
  const signature = parts.length === 3 ? (decodeBase64url(parts[2]!) ?? Buffer.from(parts[2]!, "base64url")) : Buffer.alloc(0);
  if (parts.length === 3 && decodeBase64url(parts[2]!) === undefined)
    wrong("The signature is not base64url: a character was changed, lost or added.");
  if (header !== undefined) judgeHeader(header, signature.length, findings);
  if (payload !== undefined) judgeTimes(payload, at, findings);
  const read = readJws(token);
  // Whatever else the strict reader has against it, that nobody said yet.
  if ("problem" in read && !findings.some(({ weight }) => weight === "wrong")) wrong(`It is refused by its form: ${read.problem}.`);
  return { token, header, payload, signatureBytes: signature.length, times: timesOf(payload, at), findings };
}

function readPart(name: string, part: string, wrong: (text: string) => void): JsonObject | undefined {
  if (part === "") {
    wrong(`The ${name} is empty.`);
    return undefined;
  }
  const bytes = decodeBase64url(part);
  if (bytes === undefined)
    wrong(
      /[+/=]/.test(part)
        ? `The ${name} is base64, with + or / or =; a token has base64url, with - and _ and no padding.`
        : `The ${name} is not base64url: a character was changed, lost or added.`,
    );
  const lenient = parsed(Buffer.from(part, "base64url").toString("utf8"));
  if (bytes !== undefined && lenient === undefined) wrong(`The ${name} is no JSON object.`);
  else if (bytes !== undefined && parseJsonObject(bytes) === undefined)
    wrong(`The ${name} repeats a name, is not UTF-8 or is nested too deep: two readers would believe two things.`);
  return lenient;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function judgeHeader(header: JsonObject, signatureBytes: number, findings: Finding[]): void {
  const { alg } = header;
  if (typeof alg !== "string")
    findings.push({ weight: "wrong", text: "The header does not say with which algorithm it was signed (alg)." });
  else if (alg.toLowerCase() === "none")
    findings.push({ weight: "wrong", text: "alg is none: it is not signed, and anybody can have written it." });
  else if (signatureBytes === 0) findings.push({ weight: "wrong", text: "The signature is missing: anybody can have written it." });
  for (const name of ["crit", "b64", "zip", "enc"])
    if (Object.hasOwn(header, name))
      findings.push({ weight: "wrong", text: `The header has ${name}: an extension that is not spoken here.` });
  for (const name of ["jwk", "jku", "x5u", "x5c"])
    if (Object.hasOwn(header, name))
      findings.push({
        weight: "note",
        text: `The header brings a key along (${name}). It is never used: whoever wrote the token could bring any.`,
      });
}

const latestSeconds = 253_402_300_799;

function judgeTimes(payload: JsonObject, at: number, findings: Finding[]): void {
  const wrong = (text: string) => void findings.push({ weight: "wrong", text });
  for (const name of ["exp", "nbf", "iat"]) {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    if (value === undefined) continue;
    if (typeof value !== "number") wrong(`${name} is not a number but ${JSON.stringify(value)?.slice(0, 40)}.`);
    else if (value > latestSeconds) wrong(`${name} is ${value}: that looks like milliseconds; tokens count seconds.`);
    else if (value < 0) wrong(`${name} is before 1970.`);
  }
  const [expiresAt, notBefore, issuedAt] = ["exp", "nbf", "iat"].map((name) => instantOf(payload, name));
  if (!Object.hasOwn(payload, "exp")) findings.push({ weight: "wrong", text: "It has no exp: it would be good for ever." });
  if (expiresAt !== undefined && at >= expiresAt) wrong(`It expired ${spanText(at - expiresAt)} ago.`);
  if (notBefore !== undefined && at < notBefore) wrong(`It is not valid before another ${spanText(notBefore - at)} (nbf).`);
  if (issuedAt !== undefined && at < issuedAt)
    findings.push({ weight: "note", text: `It says it was issued ${spanText(issuedAt - at)} from now: the clocks differ.` });
}

function instantOf(payload: JsonObject, name: string): number | undefined {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  return typeof value === "number" && value >= 0 && value <= latestSeconds ? value * 1_000 : undefined;
}

function timesOf(payload: JsonObject | undefined, at: number): Record<string, string> {
  const times: Record<string, string> = {};
  for (const name of ["iat", "nbf", "exp", "auth_time"]) {
    const instant = payload === undefined ? undefined : instantOf(payload, name);
    if (instant !== undefined)
      times[name] =
        `${new Date(instant).toISOString()} (${instant > at ? `in ${spanText(instant - at)}` : `${spanText(at - instant)} ago`})`;
  }
  return times;
}
