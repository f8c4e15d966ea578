/** Codes by mail: made, kept as digests, used once. Knows no user and sends nothing. */
export { createMailedCodes, type MailedCodes, type NewCode } from "./codes.ts";
export { newCode, readCode } from "./code.ts";
export { claimCode, type CodePurpose, type CodeRow, createCodeTable, dropCodes, type MailedCodeTables } from "./table.ts";
