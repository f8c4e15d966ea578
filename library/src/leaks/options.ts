import { OptionFault } from "../contracts/index.ts";

/** `leaks` of the options. */
export interface LeakOptions {
  /**
   * Takes the alerts of GitHub's secret scanning partner programme at `POST /leaks/github`. Off by default. `keysUrl`: where
   * the public keys are, for a GitHub of one's own.
   */
  readonly github?: boolean | { readonly keysUrl: string };
}

export interface LeakSettings {
  /** Undefined: nobody is believed to be GitHub. */
  readonly githubKeysUrl: string | undefined;
  /** Development, for a GitHub of one's own. GitHub itself is in public, wherever we are. */
  readonly allowPrivate: boolean;
}

const publicKeysUrl = "https://api.github.com/meta/public_keys/secret_scanning";

/** Checks the options. Throws an OptionFault. */
export function readLeakOptions({ github = false }: LeakOptions = {}, issuer: string): LeakSettings {
  if (typeof github === "boolean") return { githubKeysUrl: github ? publicKeysUrl : undefined, allowPrivate: false };
  const allowPrivate = issuer.startsWith("http:");
  const url = URL.canParse(github.keysUrl) ? new URL(github.keysUrl) : undefined;
  if (url?.protocol !== "https:" && !(allowPrivate && url?.protocol === "http:"))
    throw new OptionFault("leaks.github.keysUrl", { got: github.keysUrl, allowed: "an https URL", example: `"${publicKeysUrl}"` });
  return { githubKeysUrl: url.href, allowPrivate };
}
