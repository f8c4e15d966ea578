import { defineRefusals } from "../../contracts/index.ts";

export const rateLimitRefusals = defineRefusals("rate-limit", {
  exceeded: { status: 429, title: "The limit of requests is reached. Wait as long as Retry-After says." },
  attempts: { status: 429, title: "Too many failed attempts. Wait as long as Retry-After says." },
  openings: { status: 429, title: "Too much was begun from this address lately. Wait as long as Retry-After says." },
  "sign-in": { status: 429, title: "Too many attempts to sign in. Wait as long as Retry-After says." },
});
