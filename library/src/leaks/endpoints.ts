import { createHash, type KeyObject, verify } from "node:crypto";
import { type ActedBy, type Answer, BodyTooLarge, type Endpoint, type Exchange, isRefusal, type Refusal } from "../contracts/index.ts";
import { jsonAnswer, originOf, readFields, textField } from "../http/index.ts";
import { leakRefusals } from "./refusals.ts";

interface LeakParts {
  /** Revokes a key, and says what it was. */
  readonly reportLeak: (key: string, where: string | undefined, by: ActedBy) => Promise<"revoked" | "ended" | "unknown">;
  /** Undefined: GitHub is not listened to. */
  readonly githubKey: ((identifier: string) => Promise<KeyObject | undefined>) | undefined;
}

/** Where anybody tells of a key that they found. */
const reportPath = "/.well-known/report-key";
const mostBytes = 1_048_576;
const mostSecrets = 1_000;

/** `POST /.well-known/report-key`, for anybody; `POST /leaks/github`, for GitHub's secret scanning. */
export function leakEndpoints(parts: LeakParts): readonly Endpoint[] {
  const report: Endpoint = { method: "POST", path: reportPath, rule: undefined, handle: (exchange) => reportOne(exchange, parts) };
  const { githubKey } = parts;
  if (githubKey === undefined) return [report];
  return [report, { method: "POST", path: "/leaks/github", rule: undefined, handle: (exchange) => takeAlert(exchange, githubKey, parts) }];
}

/** The answer is one for all: who reports need not hear whether it was a key. */
async function reportOne(exchange: Exchange, { reportLeak }: LeakParts): Promise<Answer | Refusal> {
  const origin = originOf(exchange);
  const fields = await readFields(exchange.view);
  if (isRefusal(fields)) return fields;
  const key = textField(fields, "key", { required: true, most: 512 });
  if (isRefusal(key)) return key;
  const url = textField(fields, "url", { most: 2_000 });
  if (isRefusal(url)) return url;
  await reportLeak(key.trim(), url, { actor: undefined, method: "report", origin });
  return jsonAnswer(200, { received: true });
}

interface Reported {
  readonly token: string;
  readonly type: string;
  readonly url: string | undefined;
}

/** An alert of the partner programme: its ECDSA signature over the very bytes is checked, each secret revoked, and labelled. */
async function takeAlert(
  exchange: Exchange,
  githubKey: NonNullable<LeakParts["githubKey"]>,
  { reportLeak }: LeakParts,
): Promise<Answer | Refusal> {
  const { view } = exchange;
  const by: ActedBy = { actor: undefined, method: "github-secret-scanning", origin: originOf(exchange) };
  const [identifier, signature] = [view.header("github-public-key-identifier"), view.header("github-public-key-signature")];
  if (typeof identifier !== "string" || typeof signature !== "string" || signature.length > 500)
    return leakRefusals.unsigned({ detail: "Github-Public-Key-Identifier or -Signature is missing, or came twice" });
  let body: Uint8Array;
  try {
    body = await view.body(mostBytes, "exact");
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    return leakRefusals.malformed({ detail: "more than 1 MiB" });
  }
  const key = await githubKey(identifier);
  if (key === undefined) return leakRefusals.unsigned({ detail: "no such public key" });
  if (!verify("sha256", body, key, Buffer.from(signature, "base64")))
    return leakRefusals.unsigned({ detail: "the signature does not fit" });
  const secrets = readAlert(body);
  if (secrets === undefined) return leakRefusals.malformed();
  const labels: object[] = [];
  for (const { token, type, url } of secrets) {
    const verdict = await reportLeak(token, url, by);
    const token_hash = createHash("sha256").update(token).digest("base64");
    labels.push({ token_hash, token_type: type, label: verdict === "unknown" ? "false_positive" : "true_positive" });
  }
  return jsonAnswer(200, labels);
}

function readAlert(body: Uint8Array): readonly Reported[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || list.length > mostSecrets) return undefined;
  const secrets = list.map((entry: unknown): Reported | undefined => {
    const { token, type, url } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof token !== "string" || typeof type !== "string") return undefined;
    return { token, type: type.slice(0, 100), url: typeof url === "string" ? url : undefined };
  });
  return secrets.includes(undefined) ? undefined : (secrets as readonly Reported[]);
}
