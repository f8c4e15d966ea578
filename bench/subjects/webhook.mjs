// A webhook that is received: the body read, its signature checked, and, with Latchkey, each message taken once.
import { guard } from "latchkey/node";
import { webhook } from "latchkey/webhook";
import { openGate } from "../fixtures/gate.mjs";
import { sendHello } from "../fixtures/hello.mjs";

export const part = {
  name: "webhook",
  title: "A webhook of 1 KB, received",
  about:
    "`POST /hook` in Standard Webhooks form, each message new. Bare node:http reads the body and looks at nothing; the npm library standardwebhooks checks " +
    "signature and time; Latchkey checks both and refuses what it has seen (short-lived state in memory).",
};

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const body = JSON.stringify({ type: "invoice.paid", timestamp: "2026-01-01T00:00:00.000Z", data: { note: "x".repeat(943) } });
const asked = { method: "POST", path: "/hook", headers: { "Content-Type": "application/json" }, body };
const requests = [{ ...asked, webhookSecret: secret }];

function read(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

export const subjects = [
  {
    name: "node:http, reading the body",
    serve: () => ({
      listener: (request, response) => void read(request).then(() => sendHello(response)),
      requests,
    }),
  },
  {
    name: "node:http, standardwebhooks",
    beside: "node:http, reading the body",
    async serve() {
      const { Webhook } = await import("standardwebhooks");
      const verifier = new Webhook(secret);
      const listener = async (request, response) => {
        const raw = await read(request);
        try {
          verifier.verify(raw, request.headers);
        } catch {
          return response.writeHead(401).end();
        }
        return sendHello(response);
      };
      return { listener, requests, unauthenticated: asked };
    },
  },
  {
    name: "node:http, Latchkey, each once",
    beside: "node:http, reading the body",
    async serve({ folder }) {
      const auth = await openGate(folder, { methods: [webhook({ scheme: "standard", secrets: [secret] })] });
      const listener = guard(auth, { methods: ["webhook"] }, (_request, response) => sendHello(response));
      return { listener, requests, unauthenticated: asked };
    },
  },
];
