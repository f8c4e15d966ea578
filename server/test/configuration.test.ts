import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { command, temporaryFolder } from "./program.ts";

const sound = "Zm9vYmFyYmF6cXV4-x81kLq0vN3tWc7RdHs";
let folder: string;
const before = process.cwd();

beforeEach(() => {
  folder = temporaryFolder();
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const print = async (argv: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) => {
  const answer = await command(["serve", "--print-config", "--json", ...argv], environment);
  return { ...answer, rows: JSON.parse(answer.stdout) as Record<string, { value: unknown; source: string }> };
};

describe("sources", () => {
  test("win over each other: flag, variable, file, default", async () => {
    writeFileSync("latchkey.config.json", '{"port": 4001, "host": "localhost", "logLevel": "warn", "trustProxy": ["10.0.0.0/8"]}');
    const { rows } = await print(["--port", "4003"], { LATCHKEY_PORT: "4002", LATCHKEY_LOG_LEVEL: "error" });
    expect(rows.LATCHKEY_PORT).toEqual({ value: 4003, source: "--port" });
    expect(rows.LATCHKEY_LOG_LEVEL).toEqual({ value: "error", source: "LATCHKEY_LOG_LEVEL" });
    expect(rows.LATCHKEY_HOST).toEqual({ value: "localhost", source: "host in latchkey.config.json" });
    expect(rows.LATCHKEY_TRUST_PROXY!.value).toEqual(["10.0.0.0/8"]);
    expect(rows.LATCHKEY_DATA!.source).toBe("default");
  });

  test("take an empty variable for one that is not set, and leave alone what Kubernetes sets", async () => {
    const { rows } = await print([], {
      LATCHKEY_PORT: "",
      LATCHKEY_SERVICE_HOST: "10.1.2.3",
      LATCHKEY_PORT_3000_TCP: "tcp://10.1.2.3:3000",
    });
    expect(rows.LATCHKEY_PORT).toEqual({ value: "3000", source: "default" });
  });

  test("include a JavaScript file, and the one that --config names", async () => {
    writeFileSync("latchkey.config.js", "export default { port: 4005 };");
    mkdirSync("deploy");
    writeFileSync("deploy/own.json", '{"port": 4006}');
    expect((await print()).rows.LATCHKEY_PORT!.value).toBe(4005);
    expect((await print(["--config", "deploy/own.json"])).rows.LATCHKEY_PORT).toEqual({ value: 4006, source: "port in own.json" });
  });

  test("print no secret, and of a URL only where it leads", async () => {
    const { stdout } = await print([], {
      LATCHKEY_SECRET: `${sound},${sound}2`,
      LATCHKEY_DATABASE_URL: "postgres://ada:hunter22@db.test/latchkey?sslpassword=hunter23",
      LATCHKEY_REGISTRATION_TOKEN: "hunter24 and twenty-four more letters",
    });
    expect(stdout).not.toMatch(/hunter|Zm9v|ada/);
    expect(stdout).toMatch(/db\.test/);
    expect(stdout).toMatch(/2 secrets/);
  });
});

describe("a wrong value", () => {
  test.each([
    [{ LATCHKEY_PORT: "99999" }, 'LATCHKEY_PORT: got "99999"; allowed: a whole number from 0 to 65535. Example: 3000'],
    [{ LATCHKEY_PROT: "3000" }, "LATCHKEY_PROT is not a setting. Did you mean LATCHKEY_PORT?"],
    [{ LATCHKEY_HOST: "0.0.0.0" }, "LATCHKEY_ISSUER: got nothing"],
    [{ LATCHKEY_HOST: "0.0.0.0", LATCHKEY_ISSUER: "http://localhost:3000" }, "LATCHKEY_ISSUER: got"],
    [{ LATCHKEY_ISSUER: "http://localhost.example.org" }, "LATCHKEY_ISSUER: got"],
    [{ LATCHKEY_ISSUER: "https://auth.test/?x" }, "LATCHKEY_ISSUER: got"],
    [{ LATCHKEY_DATABASE_URL: "mysql://u:hunter22@db.test/x" }, "LATCHKEY_DATABASE_URL: got a text of 28 characters"],
    [{ LATCHKEY_REDIS_URL: "http://redis" }, "LATCHKEY_REDIS_URL: got a text of"],
    [{ LATCHKEY_TRUST_PROXY: "10.0.0.0/33" }, "LATCHKEY_TRUST_PROXY"],
    [{ LATCHKEY_LOG_LEVEL: "loud" }, "debug, info, warn, error or silent"],
    [{ LATCHKEY_LIMITS: "credential=5" }, "LATCHKEY_LIMITS"],
    [{ LATCHKEY_LIMITS: "crediential=5/1m" }, "credential-address"],
    [{ LATCHKEY_SIGNUP: "yes" }, "on or off"],
    [{ LATCHKEY_REGISTRATION: "on" }, "off, token or open"],
    [{ LATCHKEY_REFRESH_GRACE: "30" }, "LATCHKEY_REFRESH_GRACE"],
    [{ LATCHKEY_AUDIENCES: "https://a b" }, "LATCHKEY_AUDIENCES"],
    [{ LATCHKEY_SCOPES: "posts:read" }, "LATCHKEY_SCOPES"],
    [{ LATCHKEY_SCOPES: "posts read=Read your posts" }, "LATCHKEY_SCOPES"],
    [{ LATCHKEY_SCOPES: "posts:read=Read \u202eyour posts" }, "Example: posts:read=Read your posts;posts:write="],
    [{ LATCHKEY_SMTP_URL: "mail.test" }, "LATCHKEY_SMTP_URL"],
    [{ LATCHKEY_IMPORTED_PREFIXES: "sk live" }, "LATCHKEY_IMPORTED_PREFIXES"],
    [{ LATCHKEY_SECRET: sound, LATCHKEY_SECRET_FILE: "/x" }, "LATCHKEY_SECRET and LATCHKEY_SECRET_FILE are both set"],
    [{ LATCHKEY_ISSUER: "https://auth.test", LATCHKEY_LIMITS: "off" }, "LATCHKEY_LIMITS: off is for load tests"],
    [{ LATCHKEY_ISSUER: "https://auth.test", LATCHKEY_LIMITS: "credential=off" }, "LATCHKEY_LIMITS: off is for load tests"],
    [{ LATCHKEY_TLS_CERT: "c.pem" }, "LATCHKEY_TLS_CERT is set without LATCHKEY_TLS_KEY"],
    [{ LATCHKEY_TLS_KEY: "k.pem" }, "LATCHKEY_TLS_KEY is set without LATCHKEY_TLS_CERT"],
    [{ LATCHKEY_CLIENT_CA: "ca.pem" }, "LATCHKEY_CLIENT_CA is set without LATCHKEY_TLS_CERT or LATCHKEY_CLIENT_CERTIFICATE_HEADER"],
    [{ LATCHKEY_CLIENT_CERTIFICATES: "c.json" }, "LATCHKEY_CLIENT_CERTIFICATES is set without LATCHKEY_CLIENT_CA"],
    [{ LATCHKEY_CLIENT_REVOKED: "r.txt" }, "LATCHKEY_CLIENT_REVOKED is set without LATCHKEY_CLIENT_CA"],
    [{ LATCHKEY_CLIENT_CA: "ca.pem", LATCHKEY_CLIENT_CERTIFICATE_HEADER: "nginx" }, "is set without LATCHKEY_TRUST_PROXY"],
    [{ LATCHKEY_CLIENT_CERTIFICATE_HEADER: "apache" }, "client-cert, nginx, envoy or traefik"],
    [
      { LATCHKEY_TLS_CERT: "c.pem", LATCHKEY_TLS_KEY: "k.pem", LATCHKEY_ISSUER: "http://localhost:3000" },
      "allowed with LATCHKEY_TLS_CERT: the https URL",
    ],
    [{ LATCHKEY_MICROSOFT_TENANT: "common" }, "LATCHKEY_MICROSOFT_TENANT is set without LATCHKEY_MICROSOFT_CLIENT_ID"],
    [{ LATCHKEY_GITLAB_URL: "https://git.test" }, "LATCHKEY_GITLAB_URL is set without LATCHKEY_GITLAB_CLIENT_ID"],
    [{ LATCHKEY_OIDC_NAME: "Work" }, "LATCHKEY_OIDC_NAME is set without LATCHKEY_OIDC_ISSUER"],
    [
      { LATCHKEY_REGISTRATION: "open", LATCHKEY_REGISTRATION_TOKEN: sound },
      "LATCHKEY_REGISTRATION_TOKEN is set, and LATCHKEY_REGISTRATION is open",
    ],
    [{ LATCHKEY_ISSUER: "https://auth.test", LATCHKEY_SIGN_IN_BY_MAIL: "on" }, "LATCHKEY_SIGN_IN_BY_MAIL is on without LATCHKEY_SMTP_URL"],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, "NODE_TLS_REJECT_UNAUTHORIZED"],
  ])("stops the start with its name and what is allowed: %j", async (environment, told) => {
    const { exitCode, stderr } = await command(["serve", "--print-config"], environment);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain("hunter22");
    expect(exitCode).toBe(2);
  });

  const microsoft = { LATCHKEY_MICROSOFT_CLIENT_ID: "x", LATCHKEY_MICROSOFT_CLIENT_SECRET: "y" };
  const apple = { LATCHKEY_APPLE_CLIENT_ID: "x", LATCHKEY_APPLE_TEAM_ID: "x", LATCHKEY_APPLE_KEY_ID: "x", LATCHKEY_APPLE_PRIVATE_KEY: "x" };
  const oidc = { LATCHKEY_OIDC_ISSUER: "ftp://x", LATCHKEY_OIDC_CLIENT_ID: "x", LATCHKEY_OIDC_CLIENT_SECRET: "y" };
  const proxied = { LATCHKEY_TRUST_PROXY: "127.0.0.1", LATCHKEY_CLIENT_CERTIFICATE_HEADER: "nginx" };
  test.each([
    [{ ...microsoft, LATCHKEY_MICROSOFT_TENANT: "a b" }, 'LATCHKEY_MICROSOFT_TENANT: got "a b"'],
    [apple, 'LATCHKEY_APPLE_TEAM_ID: got "x"; allowed: ten capital letters and digits'],
    [oidc, 'LATCHKEY_OIDC_ISSUER: got "ftp://x"'],
    [{ LATCHKEY_REFRESH_GRACE: "999d" }, 'LATCHKEY_REFRESH_GRACE: got "999d"'],
    [{ LATCHKEY_OPAQUE_AUDIENCES: "https://nowhere.test" }, "LATCHKEY_OPAQUE_AUDIENCES: got"],
    [{ LATCHKEY_REGISTRATION: "token" }, "LATCHKEY_REGISTRATION_TOKEN: got undefined"],
    [{ LATCHKEY_DATABASE_URL: "postgres://" }, "LATCHKEY_DATABASE_URL: got"],
    [{ ...proxied, LATCHKEY_CLIENT_CA: "none.pem" }, 'LATCHKEY_CLIENT_CA: got "none.pem"'],
  ])("that only the library judges is said of its setting: %j", async (environment, told) => {
    const { exitCode, stderr } = await command(["key", "create", "--name", "x"], environment);
    expect(stderr).toContain(`latchkey: ${told}`);
    expect(exitCode).toBe(2);
  });

  test.each(["data", "data/below"])("is a data folder at a file: %s", async (data) => {
    writeFileSync("data", "");
    const { exitCode, stderr } = await command(["serve", "--data", data, "--port", "0"], {});
    expect(stderr).toMatch(/the data folder \S+ cannot be used: .* file\b.*\. Allowed: .*--data or LATCHKEY_DATA/);
    expect(exitCode).toBe(2);
  });

  test.each([
    ["latchkey.config.json", '\ufeff{"port": "x"}', 'port in latchkey.config.json: got "x"'],
    ["latchkey.config.json", '{"prot": 3000}', "Did you mean port?"],
    ["latchkey.config.json", '{"port": "x"}', 'port in latchkey.config.json: got "x"'],
    ["latchkey.config.json", "{port: 3000}", "is not JSON"],
    ["latchkey.config.json", "[]", "one object of settings"],
    ["latchkey.config.json", '{"limits": {"credential": "5"}}', "limits in latchkey.config.json"],
    ["latchkey.config.js", "export const port = 3000;", "default export"],
    ["latchkey.config.js", "throw new Error('no');", "cannot be loaded"],
  ])("in a file is named with the file: %s %s", async (name, text, told) => {
    writeFileSync(name, text);
    expect(await command(["serve", "--print-config"], {})).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(told) });
  });

  test("is a second configuration file, which would hide the first", async () => {
    writeFileSync("latchkey.config.json", "{}");
    writeFileSync("latchkey.config.js", "export default {};");
    expect(await command(["serve", "--print-config"], {})).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("both") });
  });
});

describe("the secret", () => {
  test.each([
    ["short", "got 5 bytes"],
    ["a".repeat(48), "fewer than 8"],
    ["changeme-changeme-changeme-changeme", "changeme"],
    ["your-secret-key-at-least-32-bytes-long!!", "your-secret"],
    ["f3Zq9LmX2vBt7KwPf3Zq9LmX2vBt7KwPf3Zq9LmX2vBt7KwP", "repeats itself"],
    ["0123456789abcdef0123456789abcdef", "0123456789"],
    [`${sound},tooshort`, "(number 2 of 2)"],
  ])("is refused when everybody knows it or it is too short, and is not printed: %s [asvs:V13.2.3]", async (secret, told) => {
    const { exitCode, stderr } = await command(["key", "create", "--name", "x"], { LATCHKEY_SECRET: secret });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain(secret);
  });

  test("must be given outside development", async () => {
    const answer = await command(["key", "create", "--name", "x"], { LATCHKEY_ISSUER: "https://auth.test" });
    expect(answer).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("LATCHKEY_SECRET or LATCHKEY_SECRET_FILE must be set") });
  });

  test("may be a file that only its owner can read, with several lines to rotate [asvs:V13.3.2]", async () => {
    writeFileSync("master", `${sound}\n${sound}2\n`, { mode: 0o600 });
    writeFileSync("open", sound, { mode: 0o644 });
    const create = (file: string) => command(["key", "create", "--name", "x"], { LATCHKEY_SECRET_FILE: file });
    expect((await create("master")).exitCode).toBe(0);
    expect(await create("open")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("chmod 600") });
    mkdirSync("folder", { mode: 0o700 });
    expect(await create("folder")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("is a folder") });
    expect(await create("gone")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("does not exist") });
  });
});
