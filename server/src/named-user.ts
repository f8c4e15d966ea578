import type { Latchkey, User } from "latchkey";
import { NotDone } from "./usage.ts";

/** The user of an id or an e-mail address. Throws NotDone when there is none. */
export async function namedUser(auth: Latchkey, name: string): Promise<User> {
  const user = name.includes("@") ? await auth.users.findByEmail(name) : await auth.users.find(name);
  if (user === undefined) throw new NotDone(`There is no user ${name}.`);
  return user;
}

/** The id that is meant: an e-mail address is that of a user, and anything else an id. Throws NotDone for an address that nobody has. */
export async function idNamed(auth: Latchkey, name: string): Promise<string> {
  return name.includes("@") ? (await namedUser(auth, name)).id : name;
}

/** The id of who can have roles: a user, by id or address, or a client, by id. */
export async function subjectNamed(auth: Latchkey, name: string): Promise<string> {
  return name.startsWith("cli_") ? name : (await namedUser(auth, name)).id;
}
