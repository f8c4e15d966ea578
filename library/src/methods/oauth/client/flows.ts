import type { Ephemeral, RequestView } from "../../../contracts/index.ts";
import { type CookieForm, randomBase62, readCookie, sameSecret, type Sealer, sha256, writeCookie } from "../../../primitives/index.ts";
import type { FlowSecrets } from "./provider.ts";

/** What one attempt to sign in elsewhere was begun for. */
export interface Flow {
  readonly provider: string;
  /** Where to go on afterwards: a path of this origin; undefined: the usual place. */
  readonly back: string | undefined;
  /** Whose account the identity is to be connected to, and the session in which that was asked. */
  readonly link: { readonly userId: string; readonly sessionId: string } | undefined;
}

interface StoredFlow extends Flow {
  readonly nonce: string;
  readonly verifier: string;
  /** Digest of this attempt's part of the cookie. */
  readonly browser: string;
}

export interface Flows {
  /** Begins one in this browser. */
  begin(
    view: RequestView,
    flow: Flow,
    formPost: boolean,
  ): Promise<{ readonly secrets: Omit<FlowSecrets, "redirectUri" | "at">; readonly cookie: string }>;
  /**
   * Takes it back, once: undefined when nobody began it, when it took too long or was taken before, and when another browser or
   * another provider than that one brings it.
   */
  take(view: RequestView, state: string, provider: string, formPost: boolean): Promise<TakenFlow | undefined>;
}

export interface TakenFlow extends Flow {
  readonly secrets: Omit<FlowSecrets, "redirectUri" | "at">;
  /** The cookie without this attempt. */
  readonly cookie: string;
}

interface FlowParts {
  readonly ephemeral: Ephemeral;
  readonly sealer: Sealer;
  /** Of the cookie that comes along when the provider sends the browser back. */
  readonly cookie: CookieForm;
  /** Of the one that comes along when the provider's page posts. */
  readonly postCookie: CookieForm;
}

const lifeMs = 600_000;
/** Attempts of one browser at a time: tabs. The oldest gives way, so that the cookie stays small. */
const mostAtOnce = 8;
const separator = ".";

/**
 * Attempts to sign in elsewhere. The `state` names the attempt and is worth nothing alone: the browser holds the other half in
 * a cookie (RFC 9700 s.4.7), and everything else stays here.
 */
export function createFlows({ ephemeral, sealer, cookie, postCookie }: FlowParts): Flows {
  const keyOf = (state: string): string => `social-flow:${sha256(state)}`;
  const formOf = (formPost: boolean): CookieForm => (formPost ? postCookie : cookie);

  function held(view: RequestView, form: CookieForm): readonly string[] {
    const value = readCookie(view.header("cookie"), form.name);
    if (typeof value !== "string") return [];
    return value.split(separator).filter((part) => /^[0-9A-Za-z]{22}$/.test(part));
  }

  function write(form: CookieForm, parts: readonly string[], formPost: boolean): string {
    return writeCookie(form, parts.join(separator), parts.length === 0 ? 0 : lifeMs / 1_000, formPost ? "None" : "Lax");
  }

  return {
    async begin(view, flow, formPost) {
      const [state, nonce, verifier, browser] = [randomBase62(43), randomBase62(43), randomBase62(64), randomBase62(22)];
      const stored: StoredFlow = { ...flow, nonce, verifier, browser: sha256(browser) };
      await ephemeral.put(keyOf(state), sealer.seal(JSON.stringify(stored), state), lifeMs);
      const form = formOf(formPost);
      const parts = [...held(view, form), browser].slice(-mostAtOnce);
      return { secrets: { state, nonce, verifier }, cookie: write(form, parts, formPost) };
    },
    async take(view, state, provider, formPost) {
      const sealed = await ephemeral.take(keyOf(state));
      const text = sealed === undefined ? undefined : sealer.open(sealed, state);
      if (text === undefined) return undefined;
      const { nonce, verifier, browser, ...flow } = JSON.parse(text) as StoredFlow;
      const form = formOf(formPost);
      const parts = held(view, form);
      const mine = parts.find((part) => sameSecret(sha256(part), browser));
      if (mine === undefined || flow.provider !== provider) return undefined;
      const rest = parts.filter((part) => part !== mine);
      return { provider, back: flow.back, link: flow.link, secrets: { state, nonce, verifier }, cookie: write(form, rest, formPost) };
    },
  };
}
