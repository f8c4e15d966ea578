// Which options there are, and the plain form of those that no room reads further. For JavaScript, where no compiler says it:
// a misspelt option would be its default, and `signUp: "off"` would be on. Called by latchkey.ts, before they are read.
import { OptionFault } from "./contracts/index.ts";
import type { LatchkeyOptions } from "./options.ts";

/** `any`: whoever reads it checks it. An object: its options, each with its form. */
type Form = "any" | "flag" | "function" | "functions" | "texts" | Options;
interface Options {
  readonly [name: string]: Form;
}

/** A form for every option that the type has, and none more. */
type FormsOf<T> = { readonly [Name in keyof Required<T>]: Form };
type Part<Name extends keyof LatchkeyOptions> = FormsOf<Exclude<NonNullable<LatchkeyOptions[Name]>, boolean>>;

const forms = {
  issuer: "any",
  store: "any",
  secret: "any",
  ephemeral: "any",
  methods: "functions",
  environment: "any",
  trustProxy: "texts",
  apiKeys: { prefix: "any", importedPrefixes: "texts" } satisfies Part<"apiKeys">,
  users: "any",
  passwords: {
    memoryKiB: "any",
    passes: "any",
    parallelism: "any",
    atOnce: "any",
    waitingEach: "any",
    words: "texts",
    weakForTests: "flag",
  } satisfies Part<"passwords">,
  signUp: "flag",
  mail: "any",
  providers: "any",
  basic: { realm: "any", cacheSeconds: "any" } satisfies Part<"basic">,
  sessions: {
    idle: "any",
    absolute: "any",
    fresh: "any",
    mostPerUser: "any",
    trustedOrigins: "texts",
    store: "any",
  } satisfies Part<"sessions">,
  jwt: {
    audience: "any",
    audiences: "texts",
    expiresIn: "any",
    longest: "any",
    toleranceSeconds: "any",
    statusListSeconds: "any",
    refresh: { idle: "any", absolute: "any", grace: "any", mostFamilies: "any" },
    issuers: "any",
  } satisfies Part<"jwt">,
  signingKeys: { algorithm: "any", rotateEvery: "any", publishAhead: "any" } satisfies Part<"signingKeys">,
  oauth: { scopes: "any", accessTokens: "any", opaqueFor: "texts", acrValues: "any" } satisfies Part<"oauth">,
  forwardAuth: { audience: "any", expiresIn: "any", signIn: "any", origins: "texts" } satisfies Part<"forwardAuth">,
  registration: { mode: "any", token: "any", scopes: "any", metadataDocuments: "flag" } satisfies Part<"registration">,
  dpop: { requireNonce: "any", origins: "any" } satisfies Part<"dpop">,
  leaks: { github: "any" } satisfies Part<"leaks">,
  webhooks: {
    allowPrivate: "flag",
    timeout: "any",
    retries: "any",
    disableAfter: "any",
    keep: "any",
    atOnce: "any",
    deliver: "flag",
  } satisfies Part<"webhooks">,
  pages: { name: "any", logo: "any", color: "any" } satisfies Part<"pages">,
  limits: {
    signInAccount: "any",
    signInAddress: "any",
    signInBoth: "any",
    signInGlobal: "any",
    signInDevice: "any",
    credentialAddress: "any",
    credential: "any",
    beginAddress: "any",
    roles: "any",
    ipv6Bits: "any",
  } satisfies Part<"limits">,
  audit: { keep: "any", node: "any" } satisfies Part<"audit">,
  cache: { entries: "any", seconds: "any", silenceSeconds: "any" } satisfies Part<"cache">,
  clock: "any",
  onDecision: "function",
  onFault: "function",
  onWarning: "function",
} as const satisfies FormsOf<LatchkeyOptions>;

/** What can be turned off by `false`. */
const mayBeOff = new Set(["basic", "forwardAuth", "pages"]);

/** Throws an OptionFault for an option that is not there, or not of its form. No value that could be a secret is told. */
export function checkForms(options: unknown): void {
  // Options that are none at all are told by whoever reads them.
  if (typeof options !== "object" || options === null) return;
  checkAll("options", options, forms, "");
  const { ephemeral, clock } = options as Partial<LatchkeyOptions>;
  if (ephemeral !== undefined && typeof ephemeral?.increment !== "function")
    refuse("ephemeral", typeof ephemeral === "string" ? {} : ephemeral, "short-lived state", "redis(url) of latchkey/redis");
  if (clock !== undefined && typeof clock?.now !== "function") refuse("clock", clock, "an object with now()", "{ now: () => Date.now() }");
}

function checkAll(of: string, options: object, known: Options, prefix: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const form = Object.hasOwn(known, name) ? known[name] : undefined;
    if (form === undefined) refuse(of, name, `no option of this name, but ${Object.keys(known).join(", ")}`, Object.keys(known)[0]!);
    if (value !== false || !mayBeOff.has(prefix + name)) checkOne(prefix + name, value, form);
  }
}

function checkOne(option: string, value: unknown, form: Form): void {
  if (typeof form === "object") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const off = mayBeOff.has(option) ? ", or false" : "";
      refuse(option, value, `an object of ${Object.keys(form).join(", ")}${off}`, `{ ${Object.keys(form)[0]}: … }`);
    }
    return checkAll(option, value, form, `${option}.`);
  }
  if (form === "flag" && typeof value !== "boolean") refuse(option, value, "true or false", "false");
  if (form === "function" && typeof value !== "function") refuse(option, value, "a function", "(...told) => console.log(...told)");
  if (form === "texts" && !isListOf("string", value)) refuse(option, value, "a list of texts", '["…"]');
  if (form === "functions" && !isListOf("function", value)) refuse(option, value, "a list of methods", "[webhook({ … })]");
}

function isListOf(type: "string" | "function", value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === type);
}

function refuse(option: string, got: unknown, allowed: string, example: string): never {
  throw new OptionFault(option, { got, allowed, example });
}
