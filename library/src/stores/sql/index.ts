/** What the SQL stores share. */
export { applyMissing, createMigrationTable, migrationNames } from "./migrate.ts";
