import { defineRefusals } from "../../contracts/index.ts";

/** What can be wrong with the question of a proxy, beside what is wrong with its client's credential. */
export const forwardAuthRefusals = defineRefusals("forward-auth", {
  "rule-invalid": { status: 400, title: "The query does not say what the caller must be." },
  "request-malformed": { status: 400, title: "The proxy did not say clearly which request it asks about." },
  "proxy-untrusted": { status: 403, title: "This form of the question is answered for configured proxies only." },
});
