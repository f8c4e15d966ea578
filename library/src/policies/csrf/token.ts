import { createHmac } from "node:crypto";
import { type DerivedKey, sameSecret } from "../../primitives/index.ts";

/** What stands in the hidden field of a form: proof that the form is ours and of this browser. */
export interface FormTokens {
  /** The token for one session, or for one browser that has none yet. */
  make(binding: string): string;
  /** Also one made under an older master secret, as long as that is listed. */
  matches(binding: string, token: string): boolean;
}

/** Tokens are an HMAC over what they are bound to; nothing is kept. */
export function createFormTokens(keys: readonly [DerivedKey, ...DerivedKey[]]): FormTokens {
  const mac = ({ key }: DerivedKey, binding: string) => createHmac("sha256", key).update(binding).digest("base64url");
  return {
    make: (binding) => mac(keys[0], binding),
    matches: (binding, token) => keys.some((key) => sameSecret(mac(key, binding), token)),
  };
}
