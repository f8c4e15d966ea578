/** Every command, in the order of the help. The one list: a command is a file and a line here. */
import { auditList } from "./audit-list.ts";
import { auditTail } from "./audit-tail.ts";
import { auditVerify } from "./audit-verify.ts";
import { certIssue } from "./cert-issue.ts";
import { clientCreate } from "./client-create.ts";
import { clientDelete } from "./client-delete.ts";
import { clientList } from "./client-list.ts";
import { clientRotateSecret } from "./client-rotate-secret.ts";
import { choose } from "./choose.ts";
import type { Command } from "./command.ts";
import { doctor } from "./doctor.ts";
import { explain } from "./explain.ts";
import { init } from "./init.ts";
import { jwtDecode } from "./jwt-decode.ts";
import { jwtSign } from "./jwt-sign.ts";
import { jwtVerify } from "./jwt-verify.ts";
import { keyCreate } from "./key-create.ts";
import { keyImport } from "./key-import.ts";
import { keyList } from "./key-list.ts";
import { keyReportLeak } from "./key-report-leak.ts";
import { keyRevoke } from "./key-revoke.ts";
import { keyRotate } from "./key-rotate.ts";
import { roleGrant } from "./role-grant.ts";
import { roleList } from "./role-list.ts";
import { roleRevoke } from "./role-revoke.ts";
import { roleSet } from "./role-set.ts";
import { serveCommand } from "./serve.ts";
import { sessionList } from "./session-list.ts";
import { sessionRevoke } from "./session-revoke.ts";
import { signingKeyList } from "./signing-key-list.ts";
import { signingKeyRetire } from "./signing-key-retire.ts";
import { signingKeyRotate } from "./signing-key-rotate.ts";
import { tokenRevoke } from "./token-revoke.ts";
import { webhookCreate } from "./webhook-create.ts";
import { webhookDeliveries } from "./webhook-deliveries.ts";
import { webhookList } from "./webhook-list.ts";
import { webhookRotateSecret } from "./webhook-rotate-secret.ts";
import { webhookSign } from "./webhook-sign.ts";
import { webhookDelete, webhookDisable, webhookEnable, webhookRedeliver } from "./webhook-state.ts";
import { webhookVerify } from "./webhook-verify.ts";
import { userCreate } from "./user-create.ts";
import { userDelete } from "./user-delete.ts";
import { userDisable } from "./user-disable.ts";
import { userEnable } from "./user-enable.ts";
import { userImport } from "./user-import.ts";
import { userList } from "./user-list.ts";
import { userSetPassword } from "./user-set-password.ts";

export type { Call, Command } from "./command.ts";
export const commands: readonly Command[] = [
  serveCommand,
  init,
  userCreate,
  userList,
  userDisable,
  userEnable,
  userDelete,
  userSetPassword,
  userImport,
  roleSet,
  roleList,
  roleGrant,
  roleRevoke,
  keyCreate,
  keyList,
  keyRevoke,
  keyReportLeak,
  keyRotate,
  keyImport,
  clientCreate,
  clientList,
  clientDelete,
  clientRotateSecret,
  certIssue,
  sessionList,
  sessionRevoke,
  tokenRevoke,
  jwtDecode,
  jwtVerify,
  jwtSign,
  signingKeyList,
  signingKeyRotate,
  signingKeyRetire,
  webhookCreate,
  webhookList,
  webhookDisable,
  webhookEnable,
  webhookDelete,
  webhookRotateSecret,
  webhookDeliveries,
  webhookRedeliver,
  webhookSign,
  webhookVerify,
  explain,
  auditList,
  auditTail,
  auditVerify,
  choose,
  doctor,
];
