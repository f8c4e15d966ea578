import { defineRefusals } from "../../contracts/index.ts";

export const identityRefusals = defineRefusals("identity", {
  "address-unproved": {
    status: 403,
    title:
      "The provider does not say that your e-mail address is confirmed. Register with the address, then connect the provider in your account.",
  },
  "address-taken": {
    status: 409,
    title: "This address has an account here. Sign in to it as you always do, then connect the provider in your account.",
  },
  "linked-elsewhere": { status: 409, title: "This identity is connected to another account." },
  "other-linked": {
    status: 409,
    title:
      "This address has an account here, which another account of this provider is connected to. Sign in to it as you always do, then connect this one too.",
  },
  "user-disabled": { status: 403, title: "This account cannot be used." },
  "last-way-in": { status: 409, title: "This is the only way into your account. Set a password or connect another provider first." },
  several: { status: 409, title: "Your account is connected to several accounts of this provider. Say which one, by its subject." },
  "not-found": { status: 404, title: "Your account is not connected to this provider, or not to this account of it." },
});
