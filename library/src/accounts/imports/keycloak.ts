import { OptionFault } from "../../contracts/index.ts";
import { decodeBase64, formatPhc } from "../passwords/index.ts";
import { type ExportForm, type ExportLine, partOf, textOf, userWith } from "./imported-user.ts";

/** Keycloak: a user of a realm export (`users` of the realm file, one a line). */
export const keycloak: ExportForm = {
  recognizes: (line) => Array.isArray(line.credentials) || (line.username !== undefined && line.enabled !== undefined),
  read(line) {
    const credentials = Array.isArray(line.credentials) ? line.credentials.map(partOf) : [];
    const password = credentials.find(({ type }) => type === "password");
    const roles = Array.isArray(line.realmRoles) ? line.realmRoles.filter((role): role is string => typeof role === "string") : [];
    const name = [textOf(line.firstName), textOf(line.lastName)].filter((part) => part !== undefined).join(" ");
    return userWith({
      email: textOf(line.email),
      emailVerified: line.emailVerified === true,
      disabled: line.enabled === false ? true : undefined,
      passwordHash: password === undefined ? undefined : keycloakHash(json(password.secretData), json(password.credentialData)),
      // What every realm gives everybody means nothing here.
      roles: roles.filter((role) => !/^(?:default-roles-|offline_access$|uma_authorization$)/.test(role)),
      metadata: name === "" ? undefined : { name },
    });
  },
};

function keycloakHash(secret: ExportLine, about: ExportLine): string {
  const value = decodeBase64(textOf(secret.value) ?? "");
  const salt = decodeBase64(textOf(secret.salt) ?? "");
  const algorithm = textOf(about.algorithm) ?? "";
  const passes = Number(about.hashIterations);
  if (value !== undefined && salt !== undefined) {
    if (algorithm === "argon2") return argon2Text(partOf(about.additionalParameters), passes, salt, value);
    if (/^pbkdf2(?:-sha256|-sha512)?$/.test(algorithm))
      return formatPhc(algorithm === "pbkdf2" ? "pbkdf2-sha1" : algorithm, { i: passes }, [salt, value]);
  }
  throw new OptionFault("credentials", { got: {}, allowed: "a password of PBKDF2 or argon2", example: '{"algorithm":"argon2",…}' });
}

function argon2Text(parameters: ExportLine, passes: number, salt: Buffer, value: Buffer): string {
  const first = (name: string): string => String(Array.isArray(parameters[name]) ? parameters[name][0] : parameters[name]);
  const version = first("version") === "1.0" ? 16 : 19;
  const [id, , ...parts] = formatPhc(`argon2${first("type")}`, { m: Number(first("memory")), t: passes, p: Number(first("parallelism")) }, [
    salt,
    value,
  ]).split("$") as [string, string, ...string[]];
  return `${id}$argon2${first("type")}$v=${version}$${parts.join("$")}`;
}

/** These two are JSON texts inside the JSON. */
function json(text: unknown): ExportLine {
  try {
    return typeof text === "string" ? partOf(JSON.parse(text)) : partOf(text);
  } catch {
    return {};
  }
}
