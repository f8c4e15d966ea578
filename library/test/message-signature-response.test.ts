import { createPublicKey } from "node:crypto";
import { expect, test } from "vitest";
import { signatureBase } from "../src/methods/message-signature/base.ts";
import { type InnerList, readDictionary, verificationKey, writeMember } from "../src/primitives/index.ts";

// RFC 9421 B.2.4 signs a response. Nobody signs one to the gate, which does not speak `@status`; its pieces are held against the vector.

const key = createPublicKey(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----`);
const fields: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  "content-digest": "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:",
  "content-length": "23",
};
const input = `sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"`;
const signature = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==";
const covered = readDictionary(input)!.get("sig-b24") as InnerList;
const message = (header: (name: string) => string | undefined) => ({ method: "GET", target: "/", origin: "https://example.com", header });

/** The lines of the fields are ours, and so is the last; the status is put in front. */
function baseOf(status: number, header: (name: string) => string | undefined): string {
  const fieldsOnly = { ...covered, items: covered.items.slice(1) };
  const base = signatureBase(message(header), fieldsOnly);
  if (typeof base !== "string") throw new Error(base.problem);
  const lines = base.split("\n").slice(0, -1);
  return [`"@status": ${status}`, ...lines, `"@signature-params": ${writeMember(covered)}`].join("\n");
}
const isGood = (status: number, header: (name: string) => string | undefined = (name) => fields[name]) =>
  verificationKey("ES256", key).verify(Buffer.from(baseOf(status, header), "latin1"), Buffer.from(signature, "base64"));

test("the signature of RFC 9421 B.2.4 is good, and is not for another status or another field", () => {
  expect(isGood(200)).toBe(true);
  expect(isGood(201)).toBe(false);
  expect(isGood(200, (name) => (name === "content-length" ? "24" : fields[name]))).toBe(false);
});

test("a request that says to cover a status is refused: it has none", () => {
  expect(
    signatureBase(
      message((name) => fields[name]),
      covered,
    ),
  ).toEqual({ problem: '"@status" is not spoken here' });
});
