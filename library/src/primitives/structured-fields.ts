/** Structured fields (RFC 9651, the successor of RFC 8941), strict and bounded. Total functions: any text in, an answer out. */

export type BareItem =
  | { readonly kind: "integer" | "decimal"; readonly value: number }
  | { readonly kind: "string" | "token"; readonly value: string }
  | { readonly kind: "bytes"; readonly value: Buffer }
  | { readonly kind: "boolean"; readonly value: boolean };

export type Parameters = ReadonlyMap<string, BareItem>;

export interface Item {
  readonly kind: "item";
  readonly item: BareItem;
  readonly parameters: Parameters;
}

export interface InnerList {
  readonly kind: "list";
  readonly items: readonly Item[];
  readonly parameters: Parameters;
}

export type Member = Item | InnerList;

/** Longest field that is looked at: what fits into a header of Node's default 16 KiB. */
const longest = 16_384;
const mostMembers = 64;

/**
 * Reads a dictionary (RFC 9651 s.3.2); undefined for anything else. Stricter than the RFC, which lets the last of two equal
 * names win: two readers would believe two things, so a repeated name is refused, of a parameter too. Dates and display strings
 * are refused, base64 must be canonical.
 */
export function readDictionary(text: string): ReadonlyMap<string, Member> | undefined {
  if (text.length > longest) return undefined;
  try {
    return new Reader(text).dictionary();
  } catch (error) {
    if (error instanceof BadField) return undefined;
    throw error;
  }
}

class BadField extends Error {}

/** A text and how far it is read. Holds a cursor and lives for one call. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  dictionary(): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>();
    this.#skip(/ */y);
    while (this.#at < this.#text.length) {
      this.#put(members, this.#key(), () => (this.#skip(/=/y) === "" ? this.#valueless() : this.#member()));
      this.#skip(/[ \t]*/y);
      if (this.#at === this.#text.length) break;
      this.#need(/,[ \t]*/y);
      if (this.#at === this.#text.length) throw new BadField();
    }
    return members;
  }

  #valueless(): Item {
    return { kind: "item", item: { kind: "boolean", value: true }, parameters: this.#parameters() };
  }

  #member(): Member {
    if (this.#skip(/\(/y) === "") return this.#item();
    const items: Item[] = [];
    for (;;) {
      const space = this.#skip(/ */y);
      if (this.#skip(/\)/y) !== "") break;
      if ((items.length > 0 && space === "") || items.length === mostMembers) throw new BadField();
      items.push(this.#item());
    }
    return { kind: "list", items, parameters: this.#parameters() };
  }

  #item(): Item {
    const item = this.#bare();
    return { kind: "item", item, parameters: this.#parameters() };
  }

  #parameters(): Parameters {
    const parameters = new Map<string, BareItem>();
    while (this.#skip(/; */y) !== "")
      this.#put(parameters, this.#key(), () => (this.#skip(/=/y) === "" ? { kind: "boolean", value: true } : this.#bare()));
    return parameters;
  }

  #put<T>(into: Map<string, T>, key: string, value: () => T): void {
    if (into.has(key) || into.size === mostMembers) throw new BadField();
    into.set(key, value());
  }

  #key(): string {
    return this.#need(/[a-z*][a-z0-9_\-.*]*/y);
  }

  #bare(): BareItem {
    const number = this.#skip(/-?\d+(?:\.\d+)?/y);
    if (number !== "") return numberOf(number);
    const quoted = this.#skip(/"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/y);
    if (quoted !== "") return { kind: "string", value: quoted.slice(1, -1).replace(/\\(.)/g, "$1") };
    const bytes = this.#skip(/:[A-Za-z0-9+/]*={0,2}:/y);
    if (bytes !== "") return { kind: "bytes", value: bytesOf(bytes.slice(1, -1)) };
    const boolean = this.#skip(/\?[01]/y);
    if (boolean !== "") return { kind: "boolean", value: boolean === "?1" };
    return { kind: "token", value: this.#need(/[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y) };
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #need(pattern: RegExp): string {
    const found = this.#skip(pattern);
    if (found === "") throw new BadField();
    return found;
  }
}

function numberOf(text: string): BareItem {
  const [whole, fraction] = text.replace("-", "").split(".");
  if (fraction === undefined ? whole!.length > 15 : whole!.length > 12 || fraction.length > 3) throw new BadField();
  return { kind: fraction === undefined ? "integer" : "decimal", value: Number(text) };
}

function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new BadField();
  return bytes;
}

/** Writes a member of a dictionary or list (RFC 9651 s.4.1). What was read is written in the one form that it has. */
export function writeMember(member: Member): string {
  const value = member.kind === "item" ? writeBare(member.item) : `(${member.items.map(writeMember).join(" ")})`;
  return value + writeParameters(member.parameters);
}

export function writeParameters(parameters: Parameters): string {
  let text = "";
  for (const [name, value] of parameters) text += value.kind === "boolean" && value.value ? `;${name}` : `;${name}=${writeBare(value)}`;
  return text;
}

function writeBare(item: BareItem): string {
  if (item.kind === "string") return `"${item.value.replace(/["\\]/g, "\\$&")}"`;
  if (item.kind === "bytes") return `:${item.value.toString("base64")}:`;
  if (item.kind === "boolean") return item.value ? "?1" : "?0";
  if (item.kind === "decimal") return Number.isInteger(item.value) ? item.value.toFixed(1) : String(item.value);
  return String(item.value === 0 ? 0 : item.value);
}
