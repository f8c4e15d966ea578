/** A user as another system left it: what `auth.users.import` takes. */
export interface ImportedUser {
  readonly email: string;
  readonly emailVerified?: boolean;
  readonly disabled?: boolean;
  /** A PHC string (argon2, scrypt, `pbkdf2-sha…`) or bcrypt. Left out: the user has no password. */
  readonly passwordHash?: string;
  readonly roles?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A line of an export: a JSON object of unknown form. */
export type ExportLine = Readonly<Record<string, unknown>>;

/** What a project of Firebase hashes its passwords with: "Password hash parameters" in its console. */
export interface FirebaseHashing {
  readonly base64SignerKey: string;
  readonly base64SaltSeparator: string;
  readonly rounds: number;
  readonly memCost: number;
}

/** One kind of export. */
export interface ExportForm {
  /** Whether this line is of it. */
  recognizes(line: ExportLine): boolean;
  /** Throws an OptionFault for what cannot be taken over. */
  read(line: ExportLine, firebase: FirebaseHashing | undefined): ImportedUser;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** An object, or one without anything in it. */
export function partOf(value: unknown): ExportLine {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as ExportLine) : {};
}

/** The fields that are there; `undefined` is nobody's value. */
export function userWith(fields: { readonly [Name in keyof ImportedUser]?: ImportedUser[Name] | undefined }): ImportedUser {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { email: "", ...(Object.fromEntries(given) as Partial<ImportedUser>) };
}
