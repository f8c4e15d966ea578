// The yardstick of every part: node:http that answers a fixed text.
import { openRequests, sendHello } from "../fixtures/hello.mjs";

export const subjects = [
  { name: "node:http, bare", serve: () => ({ listener: (_request, response) => sendHello(response), requests: openRequests }) },
];
