import { isPromise, isRefusal, type Refusal } from "../../../contracts/index.ts";
import { type JsonObject, type JwsHeader, readJws, type VerificationKey, verifyJws } from "../../../primitives/index.ts";
import { chooseKey } from "../jwk-set.ts";
import { type Genuine, proveJwt, type TrustedIssuer, trustIn } from "../verify.ts";
import { type DecodedJwt, decodeJwt, type Finding } from "./decode.ts";

/** What a token is held against. What is left out is not asked, and the explanation says so. */
export interface ExpectedJwt {
  readonly keys: readonly VerificationKey[];
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Allowed `typ`, as in `at+jwt`. */
  readonly type?: string | undefined;
  readonly toleranceSeconds?: number | undefined;
}

export interface JwtExplanation extends DecodedJwt {
  /** Whether a verifier that expects this accepts it; whether it was revoked is not asked here. */
  readonly accepted: boolean;
  readonly signature: "good" | "bad" | "not checked";
}

/** Judges a token as the gate would, and says in words everything that is wrong with it, not only the first thing. */
export function explainJwt(text: string, expected: ExpectedJwt, at: number): JwtExplanation {
  const decoded = decodeJwt(text, at);
  const findings = [...decoded.findings];
  const signature = judgeSignature(decoded, expected.keys, findings);
  if (decoded.payload !== undefined) judgeNames(decoded, decoded.payload, expected, findings);
  const verdict = decide(decoded, expected, at);
  const refused = isRefusal(verdict);
  const told = findings.filter(({ weight }) => weight === "wrong");
  // Within the tolerance nothing is wrong that a stopwatch would call wrong.
  const kept = refused ? findings : findings.filter((finding) => finding.weight === "note");
  if (refused && told.length === 0) kept.push({ weight: "wrong", text: `${verdict.code}: ${verdict.detail ?? verdict.title}.` });
  return { ...decoded, findings: kept, signature, accepted: !refused };
}

/** The gate's own judgement; where something is not expected, whatever the token says of it will do. */
function decide({ token, payload, header }: DecodedJwt, expected: ExpectedJwt, at: number): Genuine | Refusal {
  const own = (from: JsonObject | undefined, name: string): unknown =>
    from !== undefined && Object.hasOwn(from, name) ? from[name] : undefined;
  const issuer = expected.issuer ?? textOf(own(payload, "iss"));
  const audiences = [own(payload, "aud")].flat().filter((one) => typeof one === "string");
  const type = (expected.type ?? textOf(own(header, "typ"))).toLowerCase().replace(/^application\//, "");
  const trusted: TrustedIssuer = {
    issuer,
    audiences: expected.audience === undefined ? audiences : [expected.audience],
    types: [type],
    toleranceMs: (expected.toleranceSeconds ?? 0) * 1_000,
    required: [],
    find: (named) => keyFor(named, expected.keys),
    accept: () => {
      throw new TypeError("Nothing is accepted here.");
    },
  };
  const verdict = proveJwt(token, trustIn(trusted), at);
  if (isPromise(verdict)) throw new TypeError("Keys are at hand here.");
  return verdict;
}

function judgeSignature({ token }: DecodedJwt, keys: readonly VerificationKey[], findings: Finding[]): JwtExplanation["signature"] {
  const jws = readJws(token);
  if ("problem" in jws) return "not checked";
  const { kid, alg } = jws.header;
  const wrong = (text: string) => void findings.push({ weight: "wrong", text });
  const key = keyFor(jws.header, keys);
  if (key === undefined) {
    const ids = keys.map(({ keyId, algorithm }) => `${keyId ?? "(without kid)"} for ${algorithm}`);
    wrong(
      `No key fits: the token names ${kid === undefined ? "no kid" : `kid ${JSON.stringify(kid)}`} and ${alg}; there are ${listed(ids)}.`,
    );
    return "not checked";
  }
  if (verifyJws(jws, key)) return "good";
  const sameAlgorithm = alg === key.algorithm || (alg === "Ed25519" && key.algorithm === "EdDSA");
  wrong(
    sameAlgorithm
      ? `The signature is not of key ${key.keyId ?? "(without kid)"}: another key made it, or the token was changed after it was signed.`
      : `alg is ${alg}, but key ${key.keyId ?? "(without kid)"} is for ${key.algorithm}: the key decides, never the token.`,
  );
  return "bad";
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A key from a file has no id, whatever the token calls it. */
function keyFor(header: JwsHeader, keys: readonly VerificationKey[]): VerificationKey | undefined {
  return chooseKey(keys, keys.every(({ keyId }) => keyId === undefined) ? { ...header, kid: undefined } : header);
}

const listed = (names: readonly string[]): string => (names.length === 0 ? "none" : names.slice(0, 10).join(", "));

function judgeNames({ header }: DecodedJwt, payload: JsonObject, expected: ExpectedJwt, findings: Finding[]): void {
  const own = (name: string): unknown => (Object.hasOwn(payload, name) ? payload[name] : undefined);
  const wrong = (text: string) => void findings.push({ weight: "wrong", text });
  const note = (text: string) => void findings.push({ weight: "note", text });
  const issuer = own("iss");
  if (typeof issuer !== "string") wrong("It does not say who issued it (iss).");
  else if (expected.issuer === undefined) note(`Its issuer was not checked: it says ${issuer}.`);
  else if (issuer !== expected.issuer)
    wrong(`It was issued by ${issuer}, wanted: ${expected.issuer}. They must be equal, to the last slash.`);
  const audiences = [own("aud") ?? []].flat().map(String);
  if (audiences.length === 0) wrong("It does not say for whom it is (aud).");
  else if (expected.audience === undefined) note(`Its audience was not checked: it says ${audiences.join(", ")}.`);
  else if (!audiences.includes(expected.audience)) wrong(`It is for ${audiences.join(", ")}; wanted: ${expected.audience}.`);
  if (typeof own("sub") !== "string" || own("sub") === "") wrong("It does not say whom it is about (sub).");
  const type = header?.["typ"];
  const said = typeof type === "string" ? type.toLowerCase().replace(/^application\//, "") : "";
  if (expected.type !== undefined && said !== expected.type.toLowerCase().replace(/^application\//, ""))
    wrong(`Its type is ${said === "" ? "not given" : said}; wanted: ${expected.type}. An ID token is no access token.`);
  if (own("cnf") !== undefined) note("It is bound to a key (cnf): whoever sends it must prove that key.");
}
