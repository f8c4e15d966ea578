import type { MaybePromise, PeerCertificate, Refusal, RequestView } from "../../../../contracts/index.ts";
import type { KnownClient } from "../clients/index.ts";
import type { Described } from "../metadata.ts";
import type { RequestParameters } from "../parameters.ts";

/** What a client sent to prove who it is, not yet believed. */
export interface Presented {
  readonly clientId: string;
  readonly proof: string;
  /** What the connection proves, or what is wrong with it, for a way that looks at it. */
  readonly certificate?: PeerCertificate | string | undefined;
}

/** One way for a client to prove who it is: a file in this folder, given to the server as a list. */
export interface ClientAuthentication extends Described {
  /** `token_endpoint_auth_method`. */
  readonly name: string;
  /** `client_id` alone is sent: what proves it is the connection, or nothing. Which, is for the registration of the client to say. */
  readonly implied?: true;
  /** Finds it in the request: syntax only, no I/O. Undefined: not this way. */
  read(view: RequestView, parameters: RequestParameters): Presented | Refusal | undefined;
  /** Judges it for the client that it names. Undefined: it is this client. Rejects with a Fault when it cannot know. */
  verify(presented: Presented, client: KnownClient, at: number): MaybePromise<Refusal | undefined>;
}
