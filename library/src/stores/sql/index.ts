/** What the SQL stores share. */
export { applyMissing, createMigrationTable, migrationNames } from "./migrate.ts";
export { announceOnPostgres, changeChannel, lockMigrationsOnPostgres } from "./postgres-locks.ts";
