import type { ServerResponse } from "node:http";
import type { Answered } from "../../contracts/index.ts";

/** Tells a method how the route answered; an answer that was never finished counts as 500. */
export function tellAnswered(response: ServerResponse, answered: Answered | undefined): void {
  if (answered !== undefined) response.once("close", () => answered(response.writableFinished ? response.statusCode : 500));
}
