/** Every command, in the order of the help. The one list: a command is a file and a line here. */
import { auditList } from "./audit-list.ts";
import { auditTail } from "./audit-tail.ts";
import { auditVerify } from "./audit-verify.ts";
import type { Command } from "./command.ts";
import { explain } from "./explain.ts";
import { init } from "./init.ts";
import { keyCreate } from "./key-create.ts";
import { keyImport } from "./key-import.ts";
import { keyList } from "./key-list.ts";
import { keyRevoke } from "./key-revoke.ts";
import { keyRotate } from "./key-rotate.ts";
import { serveCommand } from "./serve.ts";
import { sessionList } from "./session-list.ts";
import { sessionRevoke } from "./session-revoke.ts";
import { userCreate } from "./user-create.ts";
import { userList } from "./user-list.ts";

export type { Call, Command } from "./command.ts";
export const commands: readonly Command[] = [
  serveCommand,
  init,
  userCreate,
  userList,
  keyCreate,
  keyList,
  keyRevoke,
  keyRotate,
  keyImport,
  sessionList,
  sessionRevoke,
  explain,
  auditList,
  auditTail,
  auditVerify,
];
