import { createCipheriv, pbkdf2Sync, scryptSync } from "node:crypto";
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isRefusal } from "../src/contracts/index.ts";
import { type FirebaseHashing, readExportedUser } from "../src/index.ts";
import { type AccountsHouse, openAccounts } from "./accounts-house.ts";

/** `Algorithm.Argon2i`: a const enum, which a module compiled alone cannot read. */
const argon2i = 1;

let house: AccountsHouse;
beforeEach(async () => {
  house = await openAccounts();
});
afterEach(() => house.close());

const password = "four quiet grey hörses";
const email = "ada@example.com";
const origin = { requestId: "req_1", address: "", userAgent: undefined };
const signIn = async (given: string) => !isRefusal(await house.accounts.signIn({ email, password: given, device: undefined, origin }));
const salt = Buffer.from("salt of sixteen!");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const plain = (bytes: Uint8Array) => base64(bytes).replaceAll("=", "");

// Firebase's own example, from the README of its scrypt.
const firebaseHashing: FirebaseHashing = {
  base64SignerKey: "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
  base64SaltSeparator: "Bw==",
  rounds: 8,
  memCost: 14,
};

const pbkdf2 = (digest: string, iterations: number, length: number, salting: Uint8Array = salt) =>
  pbkdf2Sync(password, salting, iterations, length, digest);

const exported: Record<string, () => Promise<unknown>> = {
  "own form, argon2id": async () => ({ email, passwordHash: await argon2(password, { memoryCost: 64, timeCost: 1 }) }),
  "own form, argon2i": async () => ({
    email,
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum is an ambient const one, which cannot be imported as a value.
    passwordHash: await argon2(password, { memoryCost: 64, timeCost: 1, algorithm: argon2i }),
  }),
  "own form, bcrypt $2y$": async () => ({ email, passwordHash: (await bcrypt(password, { cost: 4 })).replace(/^\$2b/, "$2y") }),
  "own form, scrypt": async () => ({
    email,
    passwordHash: `$scrypt$ln=10,r=8,p=1$${plain(salt)}$${plain(scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 }))}`,
  }),
  "Auth0, export": async () => ({ _id: { $oid: "1" }, email, email_verified: true, passwordHash: await bcrypt(password, { cost: 4 }) }),
  "Auth0, bulk import": async () => ({
    email,
    email_verified: true,
    custom_password_hash: { algorithm: "bcrypt", hash: { value: await bcrypt(password, { cost: 4 }) } },
  }),
  Firebase: async () => ({ localId: "x1", email, emailVerified: true, salt: base64(salt), passwordHash: firebaseHash(password, salt) }),
  "Keycloak, PBKDF2-SHA-256": async () => keycloak("pbkdf2-sha256", pbkdf2("sha256", 1000, 64), { hashIterations: 1000 }),
  "Keycloak, PBKDF2-SHA-512": async () => keycloak("pbkdf2-sha512", pbkdf2("sha512", 1000, 64), { hashIterations: 1000 }),
  "Keycloak, PBKDF2": async () => keycloak("pbkdf2", pbkdf2("sha1", 1000, 64), { hashIterations: 1000 }),
  "Keycloak, argon2": async () => {
    const text = await argon2(password, { memoryCost: 64, timeCost: 2, parallelism: 1, salt });
    const additionalParameters = { hashLength: ["32"], memory: ["64"], type: ["id"], version: ["1.3"], parallelism: ["1"] };
    return keycloak("argon2", Buffer.from(text.split("$").at(-1)!, "base64"), { hashIterations: 2, additionalParameters });
  },
  "Django, PBKDF2": async () => django(`pbkdf2_sha256$1000$asciisalt$${base64(pbkdf2("sha256", 1000, 32, Buffer.from("asciisalt")))}`),
  "Django, PBKDF2-SHA-1": async () => django(`pbkdf2_sha1$1000$asciisalt$${base64(pbkdf2("sha1", 1000, 20, Buffer.from("asciisalt")))}`),
  "Django, scrypt": async () =>
    django(`scrypt$1024$asciisalt$8$1$${base64(scryptSync(password, "asciisalt", 64, { N: 1024, r: 8, p: 1 }))}`),
  "Django, argon2": async () => django(`argon2${await argon2(password, { memoryCost: 64, timeCost: 1 })}`),
  "Django, bcrypt of SHA-256": async () => {
    const { createHash } = await import("node:crypto");
    return django(`bcrypt_sha256$${await bcrypt(createHash("sha256").update(password).digest("hex"), { cost: 4 })}`);
  },
};

function firebaseHash(text: string, salting: Uint8Array): string {
  const separator = Buffer.from(firebaseHashing.base64SaltSeparator, "base64");
  const key = scryptSync(text, Buffer.concat([salting, separator]), 32, { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
  return base64(createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.from(firebaseHashing.base64SignerKey, "base64")));
}

function keycloak(algorithm: string, value: Uint8Array, about: object) {
  const secretData = JSON.stringify({ value: base64(value), salt: base64(salt), additionalParameters: {} });
  const credentials = [{ type: "password", secretData, credentialData: JSON.stringify({ algorithm, additionalParameters: {}, ...about }) }];
  return {
    username: "ada",
    email,
    emailVerified: true,
    enabled: true,
    realmRoles: ["editor", "default-roles-master", "offline_access"],
    credentials,
  };
}

function django(hash: string) {
  return { model: "auth.user", pk: 1, fields: { email, password: hash, is_active: true, first_name: "Ada", last_name: "L" } };
}

const imports = (line: unknown) => house.accounts.users.import(readExportedUser(line, firebaseHashing));

describe("an imported password", () => {
  test.each(Object.keys(exported))("of %s is right, and hashed anew at the first sign-in", async (name) => {
    expect(await imports(await exported[name]!())).toBe("imported");
    expect(await signIn(`${password}x`)).toBe(false);
    expect(await signIn(password)).toBe(true);
    const user = await house.accounts.users.findByEmail(email);
    expect(await house.hashOf(user!.id)).toMatch(/^\$argon2id\$v=19\$m=(?:8|64),/);
    expect(await signIn(password)).toBe(true);
    expect(await signIn(`${password}x`)).toBe(false);
  });

  test("of Firebase is that of its own example", async () => {
    const passwordHash = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    await imports({ localId: "1", email, passwordHash, salt: "42xEC+ixf3L2lw==" });
    expect(await signIn("user1password")).toBe(true);
    expect(await signIn("user2password")).toBe(false);
  });

  test("of bcrypt is refused beyond 72 bytes, where bcrypt looks no further [attack:PW-01]", async () => {
    const long = "a".repeat(72);
    await imports({ email, passwordHash: await bcrypt(`${long}1`, { cost: 4 }) });
    for (const given of [`${long}1`, `${long}2`]) expect(await signIn(given)).toBe(false);
    const seventyTwo = await bcrypt(long, { cost: 4 });
    await house.accounts.users.import({ email: "bob@example.com", passwordHash: seventyTwo });
    const bob = await house.accounts.signIn({ email: "bob@example.com", password: long, device: undefined, origin });
    expect(isRefusal(bob)).toBe(false);
  });

  test("of bcrypt is no longer one when it is repeated behind a NUL [attack:PW-01]", async () => {
    await imports({ email, passwordHash: await bcrypt("grey horses", { cost: 4 }) });
    expect(await signIn("grey horses\0grey horses")).toBe(false);
    expect(await signIn("grey horses")).toBe(true);
  });

  test("that was hashed in another normal form is right as it was typed then", async () => {
    const decomposed = "four quiet grey ho\u0308rses";
    await imports({ email, passwordHash: await bcrypt(decomposed, { cost: 4 }) });
    expect(await signIn(decomposed)).toBe(true);
    // From now on the form does not matter.
    expect(await signIn(password)).toBe(true);
  });
});

describe("an import", () => {
  test("keeps what is known of a user, and can be run again", async () => {
    const line = await exported["Keycloak, argon2"]!();
    expect(await imports(line)).toBe("imported");
    expect(await imports(line)).toBe("present");
    const user = await house.accounts.users.findByEmail(email);
    expect(user).toMatchObject({ emailVerified: true, disabledAt: undefined });
    expect(await house.accounts.roles.of(user!.id)).toEqual(["editor"]);
    expect(house.recorded.map(({ action }) => action)).toEqual(["user.imported"]);
  });

  test("keeps a disabled user disabled, and one without a usable password without one", async () => {
    await imports({ ...keycloak("pbkdf2-sha256", pbkdf2("sha256", 1000, 64), { hashIterations: 1000 }), enabled: false });
    expect(await signIn(password)).toBe(false);
    await imports({ model: "auth.user", fields: { email: "eve@example.com", password: "!unusable", is_active: false } });
    const eve = await house.accounts.users.findByEmail("eve@example.com");
    expect(eve?.disabledAt).toBeDefined();
    expect(await house.hashOf(eve!.id)).toBeUndefined();
  });

  test.each([
    { email: "no address", passwordHash: "x" },
    { email, passwordHash: "5f4dcc3b5aa765d61d8327deb882cf99" },
    { email, passwordHash: "$2b$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE" },
    { email, passwordHash: "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA" },
    { email, passwordHash: "$scrypt$ln=29,r=8,p=1$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA" },
    { email, passwordHash: "$pbkdf2-sha256$i=99999999$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA" },
    { email, passwordHash: "$pbkdf2-md5$i=1000$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA" },
    { email, passwordHash: "$2b$10$short" },
    { email, passwordHash: 7 },
    { email, roles: ["a b"] },
    { localId: "1", email, passwordHash: "not base64!", salt: "c2FsdA==" },
    { model: "auth.user", fields: { email, password: "md5$salt$hash" } },
    { username: "ada", enabled: true, email, credentials: [{ type: "password", secretData: "{", credentialData: "{}" }] },
    [],
    null,
    "text",
  ])("refuses what cannot be taken over, without showing a hash: %j", async (line) => {
    const refused = Promise.resolve().then(() => imports(line));
    await expect(refused).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID" });
    await expect(refused).rejects.not.toThrow(/5f4dcc3b|c2FsdA|abcdefghij/);
    expect(await house.accounts.users.list()).toHaveLength(0);
  });
});
