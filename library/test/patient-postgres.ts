import { postgres, type PostgresOptions } from "latchkey/postgres";

/** What to wait for where other work holds up everything: the defaults are for people's requests, and a slow machine is no fault of the code under test. */
export const patience = { connectTimeoutMs: 60_000, statementTimeoutMs: 60_000 } as const;

/** PostgreSQL, for tests. Those of its time-outs say so themselves. */
export const patientPostgres = (url: string, options: PostgresOptions = {}) => postgres(url, { ...patience, ...options });
