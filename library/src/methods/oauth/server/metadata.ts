import type { JsonObject } from "../../../primitives/index.ts";

/**
 * What one part of the server says of itself in the metadata (RFC 8414 s.2): lists grow together, a single value stands. So
 * the metadata states what works, and there is no list to forget.
 */
export type Metadata = Readonly<Record<string, string | boolean | readonly string[]>>;

/** Anything that may have something to say in the metadata. */
export interface Described {
  readonly metadata?: Metadata;
}

/** Puts together what all parts say. */
export function composeMetadata(base: Metadata, parts: readonly Described[]): JsonObject {
  const whole: Record<string, string | boolean | readonly string[]> = { ...base };
  for (const { metadata = {} } of parts)
    for (const [name, value] of Object.entries(metadata)) {
      const known = whole[name];
      whole[name] = Array.isArray(value) && Array.isArray(known) ? [...new Set([...known, ...value])] : value;
    }
  return whole;
}
