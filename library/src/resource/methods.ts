import type { Challenge, Method, RequestView } from "../contracts/index.ts";
import { apiKeyQueryParameters, impossibleKey, readApiKey } from "../methods/api-key/index.ts";
import { askingToo, createIntrospector, introspectedMethod, opaqueTokenMethod } from "../methods/introspection/index.ts";
import { jwtMethod, postForm, type TrustedIssuer } from "../methods/jwt/index.ts";
import { addressMatcher } from "../policies/address/index.ts";
import type { IssuerEndpoints } from "./issuer.ts";
import type { ResourceSettings } from "./options.ts";

interface MethodParts {
  readonly settings: ResourceSettings;
  readonly trusted: TrustedIssuer;
  readonly endpoints: IssuerEndpoints;
  /** Members of `cnf` that a policy of the gate proves on each request. */
  readonly proofs: readonly string[];
  /** Further parameters of the Bearer challenge. */
  readonly challenge: Readonly<Record<string, string>>;
  /** Schemes beside Bearer by which a token may come. */
  readonly challenges: readonly Challenge[];
}

/** The issuer's credentials: its JWTs, and where it may be asked its API keys and opaque tokens. */
export function methodsOfIssuer({ settings, trusted, endpoints, proofs, challenge, challenges }: MethodParts): readonly Method[] {
  const { introspection, keyForms } = settings;
  const keyPrefixes = [`${keyForms.prefix}_`, ...keyForms.importedPrefixes];
  const jwt = jwtMethod({ issuers: [trusted], othersPrefixes: keyPrefixes, challenge, challenges });
  if (introspection === undefined) return [jwt];
  const { cacheMs } = introspection;
  const introspect = createIntrospector({ ...introspection, endpoint: endpoints.introspectionUrl, post: postForm });
  const addresses = (list: readonly string[]) => addressMatcher(list, "allowed_addresses");
  const parts = { ...settings, proofs, challenge, challenges, cacheMs, introspect, addresses };
  const keys = {
    name: "api-key",
    queryParameters: apiKeyQueryParameters,
    read: (view: RequestView) => readApiKey(view, keyForms),
    impossible: (key: string) => impossibleKey(key, keyForms),
  };
  return [
    introspection.jwts ? askingToo(jwt, { introspect, cacheMs }) : jwt,
    introspectedMethod(keys, parts),
    opaqueTokenMethod(keyPrefixes, parts),
  ];
}
