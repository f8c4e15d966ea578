/** Signing in by somebody else's word. The providers themselves are `latchkey/providers`: nothing here knows one. */
export { socialEndpoints } from "./endpoints.ts";
export { createFlows } from "./flows.ts";
export { readProviders } from "./options.ts";
export { type FlowSecrets, type Provider, ProviderProblem, type ProviderProblemKind } from "./provider.ts";
export { socialRefusals } from "./refusals.ts";
