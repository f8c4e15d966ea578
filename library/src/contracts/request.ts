/**
 * The request view: the small thing a framework adapter hands the guard. Adapters wrap what they have;
 * nothing is copied and no body is read until a method asks for it.
 */
export interface RequestView {
  readonly method: string;
  /** The request target as it was received: path and query (RFC 9112 s.3.2.1), e.g. `/posts?page=2`. */
  readonly target: string;
  /** Chosen by the adapter, unique; the key to `explain`. */
  readonly requestId: string;
  /** Address of the peer of this connection (not of a proxy's client), or "" where the runtime hides it. */
  readonly peerAddress: string;
  /** Whether the connection to the peer itself is TLS. */
  readonly encrypted: boolean;
  /**
   * The certificate that the peer of this connection proved to have in its TLS handshake, judged by nobody yet; undefined: none.
   * Left out where there is no way to know.
   */
  certificate?(): PeerCertificate | undefined;
  /**
   * The value of a header, by its lower-case name: undefined when absent, an array when the line was sent
   * more than once. A reader of credentials must refuse the array: taking one of them is a bypass.
   */
  header(name: string): string | readonly string[] | undefined;
  /**
   * The body as bytes, read once and kept. Rejects with `BodyTooLarge` past the limit, and with a Fault when
   * something else has consumed the stream and kept nothing of it.
   */
  body(limitBytes: number, form?: BodyForm): Promise<Uint8Array>;
}

/** A certificate and those it was sent with, as DER. Whoever presents it has its key; whether it is good is another question. */
export interface PeerCertificate {
  readonly certificate: Uint8Array;
  readonly chain: readonly Uint8Array[];
}

/** Finds the certificate of the client of a request; a text says what is wrong with it. */
export type CertificateOf = (view: RequestView) => PeerCertificate | string | undefined;

/**
 * `exact`: the very bytes that were received, for a signature over them. A Fault then too when a parser ran before and kept
 * only what it understood: written out again, those are other bytes.
 */
export type BodyForm = "exact";

/** The body is longer than the limit given to `RequestView.body`. */
export class BodyTooLarge extends Error {
  readonly limitBytes: number;
  constructor(limitBytes: number) {
    super(`The request body is longer than ${limitBytes} bytes.`);
    this.name = "BodyTooLarge";
    this.limitBytes = limitBytes;
  }
}

/** The client went away before its body was complete: nobody waits for an answer, and nothing is wrong here. */
export class RequestAborted extends Error {
  constructor(options: { readonly cause?: unknown } = {}) {
    super("The client went away before its body was complete.", options);
    this.name = "RequestAborted";
  }
}
