import { OptionFault } from "../../contracts/index.ts";
import { decodeBase64, formatPhc } from "../passwords/index.ts";
import { type ExportForm, type FirebaseHashing, textOf, userWith } from "./imported-user.ts";

/** Firebase: a user of `firebase auth:export`. Its hashes need the parameters of the project beside them. */
export const firebase: ExportForm = {
  recognizes: (line) => textOf(line.localId) !== undefined,
  read(line, hashing) {
    const name = textOf(line.displayName);
    return userWith({
      email: textOf(line.email),
      emailVerified: line.emailVerified === true,
      disabled: line.disabled === true ? true : undefined,
      passwordHash: firebaseHash(textOf(line.passwordHash), textOf(line.salt), hashing),
      metadata: { firebaseId: line.localId, ...(name === undefined ? {} : { name }) },
    });
  },
};

function firebaseHash(hash: string | undefined, salt: string | undefined, hashing: FirebaseHashing | undefined): string | undefined {
  if (hash === undefined) return undefined;
  if (hashing === undefined)
    throw new OptionFault("firebase", {
      got: undefined,
      allowed: "the hash parameters of the project",
      example: "--firebase-hashing FILE",
    });
  const [made, salting, separator, key] = [hash, salt ?? "", hashing.base64SaltSeparator, hashing.base64SignerKey].map(eitherBase64);
  if (made === undefined || salting === undefined || separator === undefined || key === undefined)
    throw new OptionFault("passwordHash", { got: {}, allowed: "hash, salt and hash parameters in base64", example: '"lSrf…"' });
  const cost = { ln: hashing.memCost, r: hashing.rounds, p: 1 };
  return formatPhc("firebase-scrypt", cost, [Buffer.concat([salting, separator]), key, made]);
}

/** Exports come in either alphabet. */
function eitherBase64(text: string): Buffer | undefined {
  return decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}
