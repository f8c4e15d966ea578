import { type Latchkey, systemClock } from "latchkey";
import { explainJwt, fetchKeySet, type Finding, type JwtExplanation, readKeys } from "latchkey/jwt";
import { type Input, text } from "../arguments.ts";
import { showToken } from "../show-token.ts";
import { readTextFile, readTextInput, tokenOption } from "../text-input.ts";
import { UsageError } from "../usage.ts";
import type { Call, Command } from "./command.ts";

type Output = Omit<JwtExplanation, "token" | "signatureBytes">;

/** What the issuer itself knows: its keys, its name, and what it says of the token. */
interface Own {
  readonly issuer: string;
  readonly keys: string;
  /** Why the gate refuses it: also revoked, its user disabled, … */
  readonly refused: string | undefined;
}

export const jwtVerify: Command = {
  name: "jwt verify",
  summary:
    "Check a token, and say in words everything that is wrong with it. By the keys of the data folder, where it is also known whether it was revoked.",
  positionals: [],
  options: [
    tokenOption,
    { name: "jwks", value: "FILE", describe: "by the key set in this file" },
    { name: "key", value: "FILE", describe: "by the key in this file: PEM, JWK, or with --algorithm HS256 a secret" },
    { name: "issuer", value: "URL", describe: "by the published keys of this issuer, which it must be of" },
    { name: "audience", value: "NAME", describe: "it must be for this one" },
    { name: "type", value: "TYPE", describe: "its typ must be this one, as in at+jwt" },
    { name: "algorithm", value: "ALG", describe: "the algorithm that the key is for" },
    { name: "tolerance", value: "SECONDS", describe: "how far clocks may be apart (default 0)" },
  ],
  example: "latchkey jwt verify --issuer https://auth.example.com --audience https://api.example.com < token.txt",
  async here(call): Promise<Output> {
    const { input, note } = call;
    const given = ["jwks", "key", "issuer"].filter((name) => text(input, name) !== undefined);
    if (given.length > 1) throw new UsageError(`say once where the keys are: --${given.join(" or --")}.`);
    const toleranceSeconds = secondsOf(text(input, "tolerance") ?? "0");
    const token = await readTextInput(input, "the token", note);
    const own = given.length === 0 ? await ownKeys(call, token) : undefined;
    const expected = {
      keys: readKeys(own?.keys ?? (await keyText(input)), text(input, "algorithm")),
      issuer: own?.issuer ?? text(input, "issuer"),
      audience: text(input, "audience"),
      type: text(input, "type"),
      toleranceSeconds,
    };
    const { header, payload, times, findings, signature, accepted } = explainJwt(token, expected, systemClock.now());
    return { header, payload, times, signature, ...withOwn(findings, accepted, own) };
  },
  async run(auth, input) {
    return ownAnswer(auth, text(input, "token") ?? "");
  },
  print: (output: Output) =>
    `${output.accepted ? "It is good." : "It is refused."}\n\n${showToken({ ...output, token: "", signatureBytes: 0 }, output.signature)}`,
  exitCode: ({ accepted }: Output) => (accepted ? 0 : 1),
};

async function keyText(input: Input): Promise<string> {
  const [jwks, key] = [text(input, "jwks"), text(input, "key")];
  if (jwks !== undefined) return readTextFile(jwks, "jwks");
  if (key !== undefined) return readTextFile(key, "key");
  return fetchKeySet(text(input, "issuer")!);
}

async function ownKeys({ send }: Call, token: string): Promise<Own> {
  return (await send({ token })) as Own;
}

async function ownAnswer(auth: Latchkey, token: string): Promise<Own> {
  const verdict = await auth.tokens.verify(token.trim());
  return {
    issuer: auth.issuer,
    keys: JSON.stringify(await auth.signingKeys.published()),
    refused: "refused" in verdict ? `${verdict.code}: ${verdict.detail ?? verdict.title}` : undefined,
  };
}

/** What only the issuer can know comes on top: a good token that was revoked is not good. */
function withOwn(findings: readonly Finding[], accepted: boolean, own: Own | undefined): Pick<Output, "findings" | "accepted"> {
  if (own === undefined)
    return {
      accepted,
      findings: [...findings, { weight: "note", text: "Whether it was revoked was not asked: that only its issuer knows." }],
    };
  if (!accepted || own.refused === undefined) return { accepted, findings };
  return { accepted: false, findings: [...findings, { weight: "wrong", text: `Its issuer refuses it: ${own.refused}.` }] };
}

function secondsOf(given: string): number {
  if (/^\d{1,2}$/.test(given) && Number(given) <= 60) return Number(given);
  throw new UsageError(`--tolerance: got ${JSON.stringify(given)}; allowed: 0 to 60 seconds.`);
}
