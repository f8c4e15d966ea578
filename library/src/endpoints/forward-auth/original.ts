import { Fault, type RequestView } from "../../contracts/index.ts";

interface OriginalFacts {
  readonly method: string;
  readonly target: string;
  /** As the proxy's client asked for it; undefined: not said. */
  readonly host: string | undefined;
}

/**
 * The request that a proxy asks about: its own method and target, so that what holds for a change (CSRF) holds for the
 * original, and the record tells of it. The headers are those of the client. Its body stayed with the proxy.
 */
export class OriginalView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly requestId: string;
  readonly host: string | undefined;
  readonly #asked: RequestView;

  constructor(asked: RequestView, facts: OriginalFacts) {
    this.#asked = asked;
    this.method = facts.method;
    this.target = facts.target;
    this.host = facts.host;
    this.requestId = asked.requestId;
  }

  get peerAddress(): string {
    return this.#asked.peerAddress;
  }

  get encrypted(): boolean {
    return this.#asked.encrypted;
  }

  header(name: string): string | readonly string[] | undefined {
    return name === "host" && this.host !== undefined ? this.host : this.#asked.header(name);
  }

  body(_limitBytes: number, form?: "exact"): Promise<Uint8Array> {
    // An empty one must never be taken for what was signed.
    if (form === "exact")
      return Promise.reject(new Fault("LATCHKEY_BODY_CONSUMED", "The proxy kept the body: no signature over it can be checked."));
    return Promise.resolve(new Uint8Array());
  }
}
