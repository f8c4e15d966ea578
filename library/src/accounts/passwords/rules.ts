import type { Refusal } from "../../contracts/index.ts";
import { contextWords, isMadeOf } from "./context.ts";
import { passwordRefusals } from "./refusals.ts";
import type { Strength } from "./strength.ts";
import { countCharacters, fewestCharacters, mostCharacters, readPassword } from "./text.ts";

export interface RuleParts {
  readonly strength: Strength;
  /** Names of the service: the issuer's host, the product. */
  readonly serviceWords: readonly string[];
}

/**
 * Whether a new password may be chosen (NIST SP 800-63B-4 s.3.1.1.2): 8 to 256 characters of any kind, none of the common
 * ones, not made of the person's or the service's own names. Nothing is asked of its composition. Undefined: it may.
 */
export async function judgeNewPassword(password: unknown, email: string | undefined, parts: RuleParts): Promise<Refusal | undefined> {
  if (typeof password !== "string" || !password.isWellFormed()) return passwordRefusals.malformed();
  const text = readPassword(password);
  const count = text === undefined ? undefined : countCharacters(text);
  if (password.length === 0 || (count !== undefined && count < fewestCharacters))
    return passwordRefusals["too-short"]({ hint: `At least ${fewestCharacters} characters are needed.` });
  if (text === undefined || count === undefined || count > mostCharacters)
    return passwordRefusals["too-long"]({ hint: `At most ${mostCharacters} characters are allowed.` });
  if (isMadeOf(text, contextWords(email, parts.serviceWords))) return passwordRefusals.context();
  return (await parts.strength.isCommon(text)) ? passwordRefusals.common() : undefined;
}
