import { OptionFault } from "../../contracts/index.ts";
import type { InnerList } from "../../primitives/index.ts";

/** What every request has to cover: what it does, and where. */
export const defaultComponents: readonly string[] = ["@method", "@target-uri"];

/** Other ways to say the same: who covers one of these lists covers the component. */
const equals: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "@target-uri": [
    ["@authority", "@path", "@query"],
    ["@authority", "@request-target"],
  ],
};

/** The first component that is asked for and not covered; undefined: nothing is missing. */
export function missingComponent(input: InnerList, wanted: readonly string[]): string | undefined {
  // With a parameter it is a part of the field only.
  const covered = new Set(
    input.items.flatMap(({ item, parameters }) => (item.kind === "string" && parameters.size === 0 ? [item.value] : [])),
  );
  return wanted.find((name) => !covered.has(name) && !(equals[name] ?? []).some((others) => others.every((other) => covered.has(other))));
}

const derived = ["@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"];

/** Checks the list. Throws an OptionFault. */
export function checkComponents(components: readonly string[]): readonly string[] {
  const good = (name: unknown) => typeof name === "string" && (derived.includes(name) || /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name));
  if (Array.isArray(components) && components.length > 0 && components.length <= 32 && components.every(good)) return [...components];
  throw new OptionFault("components", {
    got: components,
    allowed: `a list of 1 to 32 of ${derived.join(", ")} and names of fields in lower case`,
    example: '["@method", "@target-uri", "content-type"]',
  });
}
