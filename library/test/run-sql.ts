import { Client, type QueryResult } from "pg";

/** Runs statements on a connection of their own. */
export async function runSql(url: string, sql: string): Promise<QueryResult> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
