import { describe, expect, test, vi } from "vitest";
import { mailServer } from "../../library/test/mail-server.ts";
import { readConfiguration } from "../src/configuration/index.ts";
import { openMail } from "../src/mail.ts";
import { openProviders } from "../src/providers.ts";

const configured = (environment: NodeJS.ProcessEnv) => readConfiguration({}, environment);
const message = {
  from: "no-reply@example.com",
  fromName: "Example",
  to: "ada@example.com",
  subject: "Hello",
  text: "A code\n\n  AAAA-BBBB-CCCC\n",
  html: "",
};
const elsewhere = { LATCHKEY_ISSUER: "https://id.example.com" };

describe("mail of the server", () => {
  test("goes to LATCHKEY_SMTP_URL, from LATCHKEY_MAIL_FROM", async () => {
    const server = await mailServer();
    const mail = await openMail(await configured({ LATCHKEY_SMTP_URL: server.url, LATCHKEY_MAIL_FROM: "auth@example.com", ...elsewhere }));
    expect(mail).toMatchObject({ from: "auth@example.com", signIn: false });
    await mail!.send(message);
    expect(server.mails).toMatchObject([{ recipients: ["ada@example.com"], code: "AAAA-BBBB-CCCC" }]);
    await mail!.close?.();
    await server.close();
  });

  test("is printed in development where no server is set, and not sent at all elsewhere", async () => {
    const written: string[] = [];
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
    const mail = await openMail(await configured({}));
    await mail!.send(message);
    spy.mockRestore();
    expect(written.join("")).toMatch(/To: ada@example\.com[\s\S]*AAAA-BBBB-CCCC/);
    expect(await openMail(await configured(elsewhere))).toBeUndefined();
  });

  test("signs people in where LATCHKEY_SIGN_IN_BY_MAIL is on", async () => {
    expect(await openMail(await configured({ LATCHKEY_SIGN_IN_BY_MAIL: "on" }))).toMatchObject({ signIn: true });
  });

  test.each([
    { LATCHKEY_MAIL_FROM: "Name <a@b.example>" },
    { LATCHKEY_MAIL_FROM: "a@b.example\r\nBcc: c@d.example" },
    { LATCHKEY_SIGN_IN_BY_MAIL: "yes" },
  ])("%j stops the start", async (environment) => {
    await expect(configured(environment)).rejects.toThrow(Object.keys(environment)[0]);
  });
});

describe("providers of the server", () => {
  const names = async (environment: NodeJS.ProcessEnv) =>
    (await openProviders(await configured(environment))).map(({ id, name }) => `${id} ${name}`);

  test("are none by default; an id and a secret alone switch one on", async () => {
    expect(await names({})).toEqual([]);
    expect(await names({ LATCHKEY_GITHUB_CLIENT_ID: "Iv1.1", LATCHKEY_GITHUB_CLIENT_SECRET: "secret" })).toEqual(["github GitHub"]);
  });

  test("are each there by their pair, and one of one's own by its issuer", async () => {
    const environment: NodeJS.ProcessEnv = {};
    for (const name of ["GITHUB", "GOOGLE", "MICROSOFT", "GITLAB", "DISCORD", "FACEBOOK", "LINKEDIN", "SLACK", "X", "OIDC"])
      Object.assign(environment, { [`LATCHKEY_${name}_CLIENT_ID`]: "id", [`LATCHKEY_${name}_CLIENT_SECRET`]: "secret" });
    Object.assign(environment, {
      LATCHKEY_OIDC_ISSUER: "https://login.work.example",
      LATCHKEY_OIDC_NAME: "Work",
      LATCHKEY_MICROSOFT_TENANT: "consumers",
    });
    expect(await names(environment)).toEqual([
      "github GitHub",
      "google Google",
      "microsoft Microsoft",
      "gitlab GitLab",
      "discord Discord",
      "facebook Facebook",
      "linkedin LinkedIn",
      "slack Slack",
      "x X",
      "oidc Work",
    ]);
  });

  test.each([
    [{ LATCHKEY_GITHUB_CLIENT_ID: "id" }, "LATCHKEY_GITHUB_CLIENT_SECRET"],
    [{ LATCHKEY_GOOGLE_CLIENT_SECRET: "s3cret-text" }, "LATCHKEY_GOOGLE_CLIENT_ID"],
    [{ LATCHKEY_APPLE_CLIENT_ID: "id", LATCHKEY_APPLE_KEY_ID: "F6G7H8I9J0" }, "LATCHKEY_APPLE_TEAM_ID"],
    [{ LATCHKEY_OIDC_ISSUER: "https://a.example" }, "LATCHKEY_OIDC_CLIENT_ID"],
  ])("%j is half of it: the start stops and says what is missing", async (environment, missing) => {
    await expect(names(environment)).rejects.toThrow(missing);
    await expect(names(environment)).rejects.not.toThrow("s3cret-text");
  });
});
