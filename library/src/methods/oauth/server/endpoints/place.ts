import { after, type Exchange, type MaybePromise, type Openings, type Refusal } from "../../../../contracts/index.ts";
import { type Client, isPublicClient } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";

/**
 * A place for what is kept of this request, counted by address where anybody can be the client: a public one, and one that
 * registered itself. Undefined: go on.
 */
export function takePlace(
  client: Client,
  { address, at }: Pick<Exchange, "address" | "at">,
  openings: Openings,
): MaybePromise<Refusal | undefined> {
  if (!isPublicClient(client) && client.metadata["registered"] === undefined) return undefined;
  return after(openings.take({ address, at }), (refusal) => {
    if (refusal === undefined) return undefined;
    const { title: hint, detail, rateLimit, retryAfterSeconds } = refusal;
    return oauthRefusals["temporarily-unavailable"]({ detail, hint, rateLimit, retryAfterSeconds });
  });
}
