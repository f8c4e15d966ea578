import type { Endpoint } from "../contracts/index.ts";
import { createGithubKeys, leakEndpoints } from "../leaks/index.ts";
import type { ApiKeys } from "../methods/api-key/index.ts";
import type { Settings } from "../options.ts";

/** Where others tell of keys that they found. */
export function wireLeaks({ leaks, clock }: Settings, { reportLeak }: ApiKeys): readonly Endpoint[] {
  const { githubKeysUrl: url, allowPrivate } = leaks;
  return leakEndpoints({ reportLeak, githubKey: url === undefined ? undefined : createGithubKeys({ url, allowPrivate, clock }) });
}
