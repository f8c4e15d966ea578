/** `latchkey/endpoints`: what endpoints of one's own beside Latchkey's are made of. They are served by `auth.route`. */
export {
  type Answer,
  defineRefusals,
  type Endpoint,
  type Exchange,
  isRefusal,
  type Refusal,
  type RefusalKind,
  type RefusalMaker,
} from "../contracts/index.ts";
export { instantText, randomBase62 } from "../primitives/index.ts";
export {
  actedBy,
  emptyAnswer,
  fieldRefusal,
  type Fields,
  jsonAnswer,
  originOf,
  readFields,
  textAnswer,
  withHeaders,
} from "../http/index.ts";
