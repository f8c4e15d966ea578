import { type Attempt, type CanQuestion, Fault, type Refusal, type Verified } from "../../contracts/index.ts";
import { within } from "../../primitives/index.ts";
import { authorizationRefusals } from "./refusals.ts";

const answersWithinMs = 10_000;

/**
 * Asks the rule's `can` about the one thing that this request is about. Only `true` lets the caller in; a thing that is
 * not there is refused alike, so that nobody learns which ids exist. What the app throws becomes a Fault.
 */
export async function askCan(question: CanQuestion, { principal }: Verified, attempt: Attempt): Promise<Refusal | undefined> {
  const action = question.action ?? attempt.view.method;
  // Which right it is, the caller may know; whether the thing is there, not.
  const hint = question.action === undefined ? undefined : `It needs the right to ${question.action}.`;
  try {
    return await within(answersWithinMs, async () => {
      const resource = await question.resource(attempt.view);
      if (resource === undefined || resource === null)
        return authorizationRefusals["may-not"]({ hint, detail: `nothing is there to ${action}` });
      if ((await question.may(principal, action, resource)) === true) return undefined;
      return authorizationRefusals["may-not"]({ hint, detail: `can(${principal.subject}, ${action}) said no` });
    });
  } catch (cause) {
    throw new Fault("LATCHKEY_RULE_FAILED", "can or resource of a rule failed.", { cause });
  }
}
