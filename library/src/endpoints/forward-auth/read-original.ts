import type { AddressMatcher, Refusal, RequestView } from "../../contracts/index.ts";
import { OriginalView } from "./original.ts";
import { forwardAuthRefusals } from "./refusals.ts";

interface ReadParts {
  readonly trusted: AddressMatcher;
  readonly onWarning: (message: string) => void;
}

const longestTarget = 8_192;
const methodHeaders = ["x-forwarded-method", "x-original-method"] as const;
const targetHeaders = ["x-forwarded-uri", "x-original-uri", "x-original-url"] as const;

/**
 * Finds the request that is asked about. What a proxy says of it is believed from trusted proxies only; where two of its
 * headers differ, one of them came from the client, and neither is believed. `rest` is what stands after our own path
 * (Envoy puts the original target there, and asks by the original method); undefined: nothing.
 */
export function originalReader({
  trusted,
  onWarning,
}: ReadParts): (asked: RequestView, rest: string | undefined) => OriginalView | Refusal {
  let warned = false;
  const warnOnce = (): void => {
    if (!warned) onWarning("A proxy asks /forward-auth without X-Forwarded-Method: whether a request changes something is guessed then.");
    warned = true;
  };
  return (asked, rest) => {
    if (!trusted.matches(asked.peerAddress)) {
      if (rest !== undefined) return untrusted(asked);
      return new OriginalView(asked, { method: ownMethod(asked) ?? guessMethod(asked), target: "/forward-auth", host: undefined });
    }
    const methods = valuesOf(asked, methodHeaders);
    const own = rest === undefined ? ownMethod(asked) : asked.method;
    if (own !== undefined) methods?.push(own);
    const targets = valuesOf(asked, targetHeaders)?.map(withoutOrigin);
    if (rest !== undefined) targets?.push(rest);
    const hosts = valuesOf(asked, ["x-forwarded-host"]);
    if (methods === undefined || targets === undefined || hosts === undefined) return malformed("a header came twice");
    const [method, target, host] = [methods[0], targets[0] ?? "/", hosts[0]];
    if (methods.some((one) => one !== method)) return malformed("two headers name different methods");
    if (targets.some((one) => one !== target)) return malformed("two headers name different targets");
    if (method !== undefined && !/^[A-Za-z-]{1,32}$/.test(method)) return malformed("the original method is none");
    if (!/^\/[!-~]*$/.test(target) || target.length > longestTarget) return malformed("the original target is no path");
    if (host !== undefined && !/^[A-Za-z0-9._:[\]-]{1,255}$/.test(host)) return malformed("the original host is none");
    if (method === undefined) warnOnce();
    return new OriginalView(asked, { method: method ?? guessMethod(asked), target, host });
  };
}

/** nginx, Caddy and Traefik ask by GET whatever the client sent; another method is the client's. */
function ownMethod({ method }: RequestView): string | undefined {
  return method === "GET" || method === "HEAD" ? undefined : method;
}

/**
 * Where nobody says what the client does: what only a request that changes something has (a browser names the origin of
 * every form that it sends to another site) makes it one.
 */
function guessMethod(asked: RequestView): string {
  const length = asked.header("content-length");
  const changes =
    asked.header("origin") !== undefined ||
    asked.header("content-type") !== undefined ||
    asked.header("transfer-encoding") !== undefined ||
    (length !== undefined && length !== "0");
  return changes ? "POST" : "GET";
}

/** What is there of these headers, in this order; undefined when one of them came in two lines. */
function valuesOf(asked: RequestView, names: readonly string[]): string[] | undefined {
  const values: string[] = [];
  for (const name of names) {
    const value = asked.header(name);
    if (value === undefined || value === "") continue;
    if (typeof value !== "string") return undefined;
    values.push(value);
  }
  return values;
}

/** Some proxies write the whole URL. */
function withoutOrigin(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, "");
  return path === "" || path.startsWith("?") ? `/${path}` : path;
}

function malformed(problem: string): Refusal {
  return forwardAuthRefusals["request-malformed"]({ detail: problem, hint: `${problem}.` });
}

function untrusted({ peerAddress }: RequestView): Refusal {
  return forwardAuthRefusals["proxy-untrusted"]({ detail: `${peerAddress} is not among the trusted proxies (trustProxy)` });
}
