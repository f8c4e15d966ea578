import { defineRefusals, type Policy } from "../../contracts/index.ts";

export const addressRefusals = defineRefusals("address", {
  "not-allowed": { status: 403, title: "This credential may not be used from this address." },
});

/** Refuses a credential with an allow-list when the client is not on it, or its address is unknown. */
export const addressPolicy: Policy = {
  name: "address",
  judge(verified, attempt) {
    const allowed = verified.allowedAddresses;
    if (allowed === undefined || allowed.matches(attempt.address)) return undefined;
    return addressRefusals["not-allowed"]({ detail: `${attempt.address || "an unknown address"} is not within ${allowed.text}` });
  },
};
