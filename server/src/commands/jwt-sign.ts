import { type Latchkey, systemClock } from "latchkey";
import { readSigningKey, signJwt } from "latchkey/jwt";
import { text } from "../arguments.ts";
import { readTextFile, readTextInput, tokenOption } from "../text-input.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

export const jwtSign: Command = {
  name: "jwt sign",
  summary: "Sign claims, a JSON object from stdin or a file, with the key in a file or that of the data folder.",
  positionals: [],
  options: [
    tokenOption,
    {
      name: "key",
      value: "FILE",
      describe: "a private PEM or JWK, or with --algorithm HS256 a secret (default: the key of the data folder)",
    },
    { name: "algorithm", value: "ALG", describe: "the algorithm, where the key fits several" },
    { name: "type", value: "TYPE", describe: "typ of the token (default JWT; this server accepts at+jwt only)" },
  ],
  example: 'echo \'{"iss":"https://a.example","sub":"ada","aud":"https://b.example","exp":1900000000}\' | latchkey jwt sign --key key.pem',
  async here({ input, note, send }) {
    const claims = claimsIn(await readTextInput(input, "the claims", note));
    const file = text(input, "key");
    const type = text(input, "type") ?? "JWT";
    if (file === undefined) return send({ claims: JSON.stringify(claims), type });
    return { token: signJwt(claims, type, readSigningKey(await readTextFile(file, "key"), text(input, "algorithm")), systemClock.now()) };
  },
  async run(auth, input) {
    return { token: await signHere(auth, claimsIn(text(input, "claims") ?? ""), text(input, "type") ?? "JWT") };
  },
  print: ({ token }: { token: string }) => token,
};

/** With the issuer's own key: in its name, whatever the claims say of it. */
async function signHere(auth: Latchkey, claims: object, type: string): Promise<string> {
  return signJwt({ ...claims, iss: auth.issuer }, type, await auth.signingKeys.signer(), systemClock.now());
}

function claimsIn(given: string): Readonly<Record<string, unknown>> {
  let claims: unknown;
  try {
    claims = JSON.parse(given);
  } catch {
    throw new UsageError("the claims are not JSON.");
  }
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) throw new UsageError("the claims are no JSON object.");
  return claims as Readonly<Record<string, unknown>>;
}
