// A provider with the answers of GitHub, on loopback, and ways to make it misbehave.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface GithubUser {
  readonly id: unknown;
  readonly login: string;
  readonly name?: unknown;
  readonly email?: unknown;
}

export interface GithubLike {
  readonly url: string;
  /** What `github({ … })` is told instead of GitHub's own. */
  readonly endpoints: Readonly<Record<"authorization" | "token" | "userinfo" | "emails", string>>;
  readonly clientId: string;
  readonly clientSecret: string;
  user: GithubUser;
  emails: unknown;
  /** How the token endpoint writes: GitHub gives a form unless it is asked for JSON. */
  tokenForm: "asked" | "form";
  /** Extra members of a token answer. */
  tokenExtra: Record<string, unknown>;
  /** Answers in place of the usual one, by path. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** Paths that were asked, oldest first. */
  readonly asked: string[];
  /** What the person answers: a code, or an error. */
  consent: "allow" | "deny";
  close(): Promise<void>;
}

interface Grant {
  readonly challenge: string | null;
  readonly redirectUri: string | null;
}

export async function githubLike(): Promise<GithubLike> {
  const codes = new Map<string, Grant>();
  const tokens = new Set<string>();
  let issued = 0;
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const like: GithubLike = {
    url,
    endpoints: {
      authorization: `${url}/login/oauth/authorize`,
      token: `${url}/login/oauth/access_token`,
      userinfo: `${url}/user`,
      emails: `${url}/user/emails`,
    },
    clientId: "Iv1.0123456789abcdef",
    clientSecret: "a client secret of the provider",
    user: { id: 583_231, login: "octocat", name: "The Octocat", email: null },
    emails: [
      { email: "octocat@users.noreply.github.com", verified: true, primary: false, visibility: null },
      { email: "Octocat@example.com", verified: true, primary: true, visibility: "private" },
    ],
    tokenForm: "asked",
    tokenExtra: {},
    instead: new Map(),
    asked: [],
    consent: "allow",
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return like;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url!, url);
    like.asked.push(target.pathname);
    const instead = like.instead.get(target.pathname);
    if (instead !== undefined) return instead(request, response);
    switch (target.pathname) {
      case "/login/oauth/authorize":
        return authorize(target, response);
      case "/login/oauth/access_token":
        return token(request, await bodyOf(request), response);
      case "/user":
        return signedIn(request, response, like.user);
      case "/user/emails":
        return signedIn(request, response, like.emails);
      default:
        return json(response, 404, { message: "Not Found" });
    }
  }

  function authorize({ searchParams }: URL, response: ServerResponse): void {
    const redirectUri = searchParams.get("redirect_uri");
    const back = new URL(redirectUri!);
    back.searchParams.set("state", searchParams.get("state")!);
    if (like.consent === "deny") {
      back.searchParams.set("error", "access_denied");
      back.searchParams.set("error_description", "The user has denied your application access.");
    } else {
      const code = `code${(issued += 1)}`;
      codes.set(code, { challenge: searchParams.get("code_challenge"), redirectUri });
      back.searchParams.set("code", code);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  function token(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
    const wantsJson = like.tokenForm === "asked" && request.headers.accept?.includes("application/json") === true;
    // GitHub answers its errors with 200.
    const tell = (body: Record<string, unknown>): void => {
      if (wantsJson) return json(response, 200, body);
      const text = new URLSearchParams(Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]));
      response.writeHead(200, { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }).end(text.toString());
    };
    if (form.get("client_id") !== like.clientId || form.get("client_secret") !== like.clientSecret)
      return tell({ error: "incorrect_client_credentials", error_description: "The client_id and/or client_secret passed are incorrect." });
    const code = form.get("code")!;
    const grant = codes.get(code);
    codes.delete(code);
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (
      grant === undefined ||
      grant.redirectUri !== form.get("redirect_uri") ||
      (grant.challenge !== null && grant.challenge !== challenge)
    )
      return tell({ error: "bad_verification_code", error_description: "The code passed is incorrect or expired." });
    const accessToken = `gho_${(issued += 1)}`;
    tokens.add(accessToken);
    tell({ access_token: accessToken, token_type: "bearer", scope: "read:user,user:email", ...like.tokenExtra });
  }

  function signedIn(request: IncomingMessage, response: ServerResponse, body: unknown): void {
    const given = request.headers.authorization?.replace(/^Bearer /, "");
    if (given === undefined || !tokens.has(given)) return json(response, 401, { message: "Bad credentials" });
    // GitHub refuses who does not say what program it is.
    if (request.headers["user-agent"] === undefined) return json(response, 403, { message: "Request forbidden by administrative rules." });
    json(response, 200, body);
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
