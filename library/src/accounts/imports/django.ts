import { OptionFault } from "../../contracts/index.ts";
import { decodeBase64, formatPhc } from "../passwords/index.ts";
import { type ExportForm, type ExportLine, partOf, textOf, userWith } from "./imported-user.ts";

/** Django: a row of `dumpdata auth.user`, or just its fields. */
export const django: ExportForm = {
  recognizes: (line) => textOf(line.model)?.endsWith(".user") === true || isDjangoHash(textOf(line.password)),
  read(line) {
    const fields: ExportLine = line.fields === undefined ? line : partOf(line.fields);
    const name = [textOf(fields.first_name), textOf(fields.last_name)].filter((part) => part !== undefined).join(" ");
    return userWith({
      email: textOf(fields.email),
      disabled: fields.is_active === false ? true : undefined,
      passwordHash: djangoHash(textOf(fields.password)),
      metadata: name === "" ? undefined : { name },
    });
  },
};

const kinds = /^(?:pbkdf2_sha256|pbkdf2_sha1|scrypt|argon2|bcrypt|bcrypt_sha256)\$/;

function isDjangoHash(password: string | undefined): boolean {
  return password !== undefined && kinds.test(password);
}

/** `algorithm$…`, in the form in which it is stored here; undefined for a user without a usable password (`!…`). */
function djangoHash(password: string | undefined): string | undefined {
  if (password === undefined || password.startsWith("!")) return undefined;
  const [kind, ...rest] = password.split("$") as [string, ...string[]];
  if (kind === "argon2" || kind === "bcrypt") return `${kind === "argon2" ? "$" : ""}${rest.join("$")}`;
  if (kind === "bcrypt_sha256") return `$bcrypt-sha256${rest.join("$")}`;
  const hash = decodeBase64(rest.at(-1) ?? "");
  if (kind.startsWith("pbkdf2_") && rest.length === 3 && hash !== undefined)
    return formatPhc(kind.replace("_", "-"), { i: Number(rest[0]) }, [Buffer.from(rest[1]!), hash]);
  const ln = Math.log2(Number(rest[0]));
  if (kind === "scrypt" && rest.length === 5 && Number.isInteger(ln) && hash !== undefined)
    return formatPhc("scrypt", { ln, r: Number(rest[2]), p: Number(rest[3]) }, [Buffer.from(rest[1]!), hash]);
  throw new OptionFault("password", {
    got: {},
    allowed: "a password of Django: PBKDF2, scrypt, argon2 or bcrypt",
    example: "pbkdf2_sha256$…",
  });
}
