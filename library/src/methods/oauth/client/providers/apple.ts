import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { OptionFault } from "../../../../contracts/index.ts";

/** What Apple gives in place of a client secret. */
export interface AppleKey {
  /** Ten characters, of the account. */
  readonly teamId: string;
  /** Ten characters, of the key. */
  readonly keyId: string;
  /** The content of the `.p8` file. */
  readonly privateKey: string;
}

const lifeSeconds = 300;

/**
 * Makes Apple's client secret: a JWT of five minutes, signed with ES256, for Apple alone. Throws an OptionFault, which never
 * shows the key.
 */
export function appleSecret({ teamId, keyId, privateKey }: AppleKey, clientId: string, audience: string): (at: number) => string {
  for (const [name, value] of [
    ["teamId", teamId],
    ["keyId", keyId],
  ] as const)
    if (typeof value !== "string" || !/^[A-Z0-9]{10}$/.test(value))
      throw new OptionFault(`apple.${name}`, { got: value, allowed: "ten capital letters and digits", example: '"A1B2C3D4E5"' });
  const key = readKey(privateKey);
  return (at) => {
    const issuedAt = Math.floor(at / 1_000);
    const claims = { iss: teamId, iat: issuedAt, exp: issuedAt + lifeSeconds, aud: audience, sub: clientId };
    const text = [{ alg: "ES256", kid: keyId, typ: "JWT" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
}

function readKey(text: string): KeyObject {
  try {
    // A variable of the environment has no line breaks: there they are written as \n.
    const key = createPrivateKey(text.replaceAll(String.raw`\n`, "\n"));
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch {
    // Told below, without what was given.
  }
  throw new OptionFault("apple.privateKey", {
    got: {},
    allowed: "the content of the .p8 file: a P-256 private key as PEM",
    example: '"-----BEGIN PRIVATE KEY-----…"',
  });
}
