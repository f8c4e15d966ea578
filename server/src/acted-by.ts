import { userInfo } from "node:os";
import type { ActedBy } from "latchkey";

/**
 * Who acts on the command line, for the audit: the user of the operating system that the process runs as. A command sent to
 * a running server is of that server's user too: nobody else can open its socket.
 */
export function operator(): ActedBy {
  return { actor: `cli:${userName()}`, method: undefined, origin: undefined };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have a number and no name.
    return String(process.getuid?.() ?? "unknown");
  }
}
