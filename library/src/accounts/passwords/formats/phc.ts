/** The PHC string `$id$name=value,…$salt$hash` (base64 without padding), in which every hash is stored. */
export interface Phc {
  readonly id: string;
  readonly parameters: ReadonlyMap<string, number>;
  /** The parts after the parameters, decoded. */
  readonly parts: readonly Buffer[];
}

/** Reads a PHC string with at least one part after its parameters; undefined for anything else. Total. */
export function parsePhc(text: string): Phc | undefined {
  const match = /^\$([a-z0-9-]{1,32})\$([a-z]+=\d{1,10}(?:,[a-z]+=\d{1,10})*)((?:\$[A-Za-z0-9+/]{1,700})+)$/.exec(text);
  if (match === null) return undefined;
  const [, id, list, rest] = match as unknown as [string, string, string, string];
  const parameters = new Map(list.split(",").map((pair) => [pair.slice(0, pair.indexOf("=")), Number(pair.slice(pair.indexOf("=") + 1))]));
  const parts = rest.slice(1).split("$").map(decodeBase64);
  return parts.every((part) => part !== undefined) ? { id, parameters, parts } : undefined;
}

export function formatPhc(id: string, parameters: Readonly<Record<string, number>>, parts: readonly Uint8Array[]): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return `$${id}$${list.join(",")}${parts.map((part) => `$${Buffer.from(part).toString("base64").replaceAll("=", "")}`).join("")}`;
}

/** Strict base64, its padding optional; undefined for anything that Node would have skipped over. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length > 0 && bytes.toString("base64").replaceAll("=", "") === text.replace(/={0,2}$/, "") ? bytes : undefined;
}
