import type { User } from "../../accounts/index.ts";
import { newId } from "../../primitives/index.ts";
import type { TestLatchkey } from "../gate.ts";

/** A user with an address that nobody else has. */
export function mintUser(auth: TestLatchkey, options: Partial<Parameters<TestLatchkey["users"]["create"]>[0]> = {}): Promise<User> {
  return auth.users.create({ email: `${newId("usr", auth.clock.now())}@example.com`, ...options });
}
