/** Credentials that say nothing by themselves, judged by whoever issued them (RFC 7662): opaque tokens, keys of another process. */
export { askingToo } from "./asking-too.ts";
export { basicAuthorization, createIntrospector, type Introspector } from "./introspect.ts";
export { introspectedMethod, opaqueTokenMethod } from "./method.ts";
export { introspectionRefusals } from "./refusals.ts";
