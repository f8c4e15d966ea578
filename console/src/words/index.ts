/** What happened, in words. Codes are a closed list: docs/reference/codes.md. */
export { explained, failedCheck } from "./outcome.ts";
export { actionText } from "./action.ts";
export { ago, deviceOf, exactly, now } from "./telling.ts";
