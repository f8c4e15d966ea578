import { inspect } from "node:util";

/** A text that must not be printed: `[secret]` in logs, JSON, templates and inspection. Compare it with `sameSecret`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Only for hashing it, or for the one answer that shows it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}
