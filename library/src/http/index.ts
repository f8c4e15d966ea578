/** HTTP grammar of our own answers and requests: problem documents, challenges, fields, routes. Decides nothing. */
export { emptyAnswer, jsonAnswer, textAnswer, withHeaders, withRequestId } from "./answer.ts";
export { bodyLimitBytes, fieldRefusal, type Fields, firstRefusal, listField, readFields, textField } from "./body.ts";
export { crossOrigin } from "./cross-origin.ts";
export { formatChallenges } from "./challenge.ts";
export { actedBy, originOf } from "./origin.ts";
export { crashAnswer, deniedAnswer, faultAnswer, refusalAnswer } from "./problem.ts";
export { rateLimitFields } from "./rate-limit-fields.ts";
export { httpRefusals } from "./refusals.ts";
export { compileRoutes, type Match } from "./routes.ts";
