/** The caller used the program wrongly: told what was wrong and what is allowed, exit code 2. */
export class UsageError extends Error {}

/** What was asked for is refused or not there: exit code 1. */
export class NotDone extends Error {}
