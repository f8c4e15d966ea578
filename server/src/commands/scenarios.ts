/** One row of the decision guide. */
export interface Scenario {
  readonly name: string;
  /** As people say it. */
  readonly what: string;
  readonly use: string;
  readonly because: string;
  readonly not: string;
  /** The first steps, as commands or code. */
  readonly begin: readonly string[];
  /** In docs/guides. */
  readonly guide: string;
}

export const scenarios: readonly Scenario[] = [
  {
    name: "web-app",
    what: "a web app whose pages the server renders",
    use: "sessions in a cookie",
    because: "The cookie is out of reach of scripts, and a session ends the moment you end it.",
    not: "a JWT in local storage: any script on the page can take it along",
    begin: [
      "app.use(mount(auth))                        // POST /login, POST /logout, GET /login",
      'app.get("/orders", guard(auth, { methods: ["session"] }), …)',
    ],
    guide: "sessions",
  },
  {
    name: "spa",
    what: "a single-page app that talks to its own API",
    use: "a JWT of minutes, renewed by a refresh token in an HttpOnly cookie",
    because: "The access token lives in memory only; the refresh token is out of reach of scripts, rotates at each use, and theft shows.",
    not: "a refresh token in local storage",
    begin: [
      'POST /tokens {"email":…,"password":…,"delivery":"cookie"}',
      "POST /tokens/refresh                        // after a reload, and when it expires",
    ],
    guide: "jwt",
  },
  {
    name: "mobile",
    what: "a mobile or desktop app",
    use: "OAuth 2.0, authorization code with PKCE, in the system's browser",
    because: "The app never sees the password, and holds no secret that could be taken out of it.",
    not: "an API key in the app: everybody who installs it has it",
    begin: [
      "latchkey client create --name app --auth none --grant authorization_code --grant refresh_token --redirect-uri com.example.app:/callback",
    ],
    guide: "oauth-server",
  },
  {
    name: "integration",
    what: "a customer's program or a partner's system",
    use: "an API key, with scopes, an end, and the addresses it may come from",
    because: "One header, no flow, and it can be revoked alone. Where the partner acts for your users, use OAuth 2.0 instead.",
    not: "a user's password in somebody's configuration",
    begin: ["latchkey key create --name partner --scope orders:read --expires 90d"],
    guide: "api-keys",
  },
  {
    name: "social-login",
    what: "people who sign in with Google, GitHub or their company",
    use: "OAuth 2.0 / OpenID Connect as a client, then a session of your own",
    because: "The provider says who it is, once; from then on you decide what they may do and for how long.",
    not: "the provider's access token as the key to your API",
    begin: ["LATCHKEY_GITHUB_CLIENT_ID=… LATCHKEY_GITHUB_CLIENT_SECRET=… latchkey serve"],
    guide: "social-login",
  },
  {
    name: "microservices",
    what: "services that call each other",
    use: "client credentials for JWTs of minutes; mutual TLS where both ends have certificates",
    because: "Each service verifies alone, without asking a server, and a stolen token ends by itself.",
    not: "one shared key for all of them: nobody can tell who called, or revoke one",
    begin: [
      "latchkey client create --name orders --grant client_credentials --scope stock:read",
      'createResource({ issuer: "https://auth.example.com" })',
    ],
    guide: "resource-server",
  },
  {
    name: "public-api",
    what: "an API for everybody, with documentation",
    use: "API keys for programs, OAuth 2.0 for apps that act for your users, both on the same routes",
    because: "A key is enough to begin with in a minute; consent and scopes are there where people's data is at stake.",
    not: "keys in the query string: they end up in logs",
    begin: ['guard(auth, { methods: ["api-key", "jwt"], scopes: ["orders:read"], rateLimit: "1000/1m" })'],
    guide: "oauth-server",
  },
  {
    name: "webhooks",
    what: "messages between systems, without a person",
    use: "HMAC signatures over the exact bytes, with a time and an id",
    because: "The receiver knows who wrote it, that nothing was changed, and that it was not sent before.",
    not: "a secret in the URL, or an allow-list of addresses alone",
    begin: [
      'createLatchkey({ methods: [webhook({ scheme: "standard", secrets })], … })',
      'app.post("/hooks", guard(auth, { methods: ["webhook"] }), …)',
    ],
    guide: "webhooks",
  },
];
