import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type MailMessage, OptionFault } from "latchkey";
import { smtp } from "latchkey/smtp";
import { testLatchkey, testRequest } from "latchkey/testing";
import type { Letter } from "../src/contracts/index.ts";
import { createErrands, createLetters } from "../src/mail/index.ts";
import { weakPasswords } from "./accounts-house.ts";
import { mailServer, type MailServer } from "./mail-server.ts";

const message: MailMessage = {
  from: "no-reply@example.com",
  fromName: "Example Cloud",
  to: "ada@example.com",
  subject: "Grüße",
  text: "Hello\n",
  html: "<p>Hello</p>",
};

let server: MailServer;
beforeAll(async () => {
  server = await mailServer();
});
beforeEach(() => void server.mails.splice(0));
afterAll(() => server.close());

describe("smtp", () => {
  test("delivers text and HTML to one address, from the brand", async () => {
    const transport = smtp(server.url);
    await transport.send(message);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ recipients: ["ada@example.com"], sender: "no-reply@example.com", subject: "Grüße", text: "Hello\n" });
    expect(mail!.from!.value).toEqual([{ name: "Example Cloud", address: "no-reply@example.com" }]);
    expect(mail!.html).toContain("<p>Hello</p>");
    await transport.close?.();
  });

  test("writes a name full of header syntax as one name", async () => {
    const transport = smtp(server.url);
    await transport.send({ ...message, fromName: 'Eve <eve@evil.example>, "x', subject: "a\r\nBcc: eve@evil.example" });
    const [mail] = server.mails;
    expect(mail!.recipients).toEqual(["ada@example.com"]);
    expect(mail!.from!.value).toEqual([{ name: 'Eve <eve@evil.example>, "x', address: "no-reply@example.com" }]);
    expect(mail!.headers.has("bcc")).toBe(false);
    await transport.close?.();
  });

  test("signs in with the user of the URL", async () => {
    const withUsers = await mailServer({
      authOptional: false,
      onAuth: ({ username, password }, _, done) =>
        username === "us er" && password === "p@ss" ? done(null, { user: username }) : done(new Error("no")),
    });
    const url = new URL(withUsers.url);
    const transport = smtp(`smtp://us%20er:p%40ss@${url.host}`);
    await transport.send(message);
    expect(withUsers.mails).toMatchObject([{ user: "us er" }]);
    await transport.close?.();
    const wrong = smtp(`smtp://us%20er:other@${url.host}`);
    await expect(Promise.resolve(wrong.send(message))).rejects.toThrow(/535|Invalid login/);
    await wrong.close?.();
    await withUsers.close();
  });

  test.each(["", "mail.example.com", "http://mail.example.com", "smtp://", 7, null])("refuses %j and never shows it", (url) => {
    expect(() => smtp(url as string)).toThrow(OptionFault);
    expect(() => smtp("http://user:hunter2@mail.example.com")).not.toThrow(/hunter2/);
  });
});

describe("the options of mail", () => {
  test.each([
    [{}, "mail"],
    [{ send: 1 }, "mail"],
    [{ send: (): undefined => undefined, from: "a@b.c\r\nBcc: x@y.z" }, "mail.from"],
    [{ send: (): undefined => undefined, from: "Name <a@b.c>" }, "mail.from"],
    [{ send: (): undefined => undefined, signIn: "yes" }, "mail.signIn"],
  ])("%j is refused when the gate is built", async (mail, option) => {
    await expect(testLatchkey({ mail: mail as never })).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID", option });
  });
});

describe("letters", () => {
  const parts = { brand: "Exa\r\nBcc: eve@evil.example\u2028mple", issuer: "https://id.example.com", from: "no-reply@example.com" };
  const all: readonly Letter[] = [
    { about: "verify-email", to: "a@b.example", code: "AAAA-BBBB-CCCC", minutes: 1440 },
    { about: "confirm-email", to: "a@b.example", code: "AAAA-BBBB-CCCC", minutes: 120 },
    { about: "reset-password", to: "a@b.example", code: "AAAA-BBBB-CCCC", minutes: 30 },
    { about: "sign-in", to: "a@b.example", code: "AAAA-BBBB-CCCC", minutes: 10 },
    { about: "address-taken", to: "a@b.example" },
    { about: "password-reset", to: "a@b.example" },
    { about: "password-changed", to: "a@b.example" },
    { about: "email-changed", to: "a@b.example", newEmail: "<b>@b.example" },
    { about: "identity-linked", to: "a@b.example", provider: "GitHub<script>" },
    { about: "key-leaked", to: "a@b.example", keyName: "<b>ci" },
  ];

  test.each(all)("$about has one line a header, escapes what it is told, and loads nothing", (letter) => {
    const written = createLetters(parts)(letter);
    for (const text of [written.from, written.fromName, written.to, written.subject]) expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(written.html).not.toMatch(/<(?:script|img|link|b)\b|src=|@import|url\(/);
    expect(written.text).toContain("Exa Bcc: eve@evil.example mple");
    // No link holds the code: it is typed into a page.
    for (const [, url] of written.html.matchAll(/href="([^"]*)"/g)) expect(url).toMatch(/^https:\/\/id\.example\.com\/[a-z/]+$/);
    const code = "code" in letter ? letter.code : "Hello";
    expect([written.text, written.html].every((text) => text.includes(code))).toBe(true);
  });

  test.each(["a@b.example, c@d.example", "A <a@b.example>", "a@b.example\r\nBcc: c@d.example", "a b@c.example", ""])(
    "goes to nobody but one plain address: %j",
    (to) => {
      expect(() => createLetters(parts)({ about: "password-reset", to })).toThrow(TypeError);
    },
  );
});

describe("errands after an answer", () => {
  test("are taken no more than may wait, and go on when one fails", async () => {
    const faults: unknown[] = [];
    const run: number[] = [];
    const errands = createErrands({ onFault: (error) => faults.push(error), most: 3 });
    const taken = [0, 1, 2, 3].map((index) =>
      errands.post(async () => {
        if (index === 1) throw new Error("the store is away");
        run.push(index);
      }),
    );
    expect(taken).toEqual([true, true, true, false]);
    await errands.flush();
    expect(run).toEqual([0, 2]);
    expect(faults).toEqual([expect.objectContaining({ message: "the store is away" })]);
    expect(errands.post(async () => undefined)).toBe(true);
    await errands.flush();
  });

  test("do not wait for one that never ends", async () => {
    const faults: unknown[] = [];
    const run: string[] = [];
    const errands = createErrands({ onFault: (error) => faults.push(error), width: 1, timeoutMs: 20 });
    errands.post(() => new Promise(() => undefined));
    errands.post(async () => void run.push("next"));
    await errands.flush();
    expect(run).toEqual(["next"]);
    expect(faults).toHaveLength(1);
  });
});

describe("a mail server that is down", () => {
  let silent: Server;
  beforeAll(async () => {
    silent = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void silent.close());

  test("changes no answer, and the operator is told without the password of the URL", async () => {
    const { port } = silent.address() as AddressInfo;
    const auth = await testLatchkey({ passwords: weakPasswords, mail: smtp(`smtp://mailer:hunter22@127.0.0.1:${port}`) });
    await auth.users.create({ email: "ada@example.com" });
    const answer = await auth.handle(
      testRequest({
        method: "POST",
        target: "/password/forgot",
        body: JSON.stringify({ email: "ada@example.com" }),
        headers: { "content-type": "application/json" },
      }),
    );
    expect(answer).toMatchObject({ status: 202 });
    await auth.flush();
    expect(auth.faults).toHaveLength(1);
    expect(String(auth.faults[0])).not.toContain("hunter22");
    await auth.close();
  });
});

test("the face of the library does not know nodemailer", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as Record<string, Record<string, unknown>>;
  expect(manifest.dependencies).not.toHaveProperty("nodemailer");
  expect(manifest.peerDependenciesMeta!.nodemailer).toEqual({ optional: true });
});
