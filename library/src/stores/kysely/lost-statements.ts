/**
 * libsql does not reset a statement that met the lock of another connection. Kysely has dropped it by then, so that nobody can:
 * until the garbage collector finds it, SQLite takes it for one in progress and refuses every commit of the connection.
 * This has garbage collected and lets the driver end what was found: the young, which takes a few milliseconds, and where that
 * was not enough (`thoroughly`) all of it. Call it after each conflict, once the error is let go of: a statement that has grown
 * old is hardly found. In a runtime without V8's collector the transaction is just tried again.
 */
export async function collectLostStatements(thoroughly: boolean): Promise<void> {
  const collect = (globalThis as { gc?: Collect }).gc ?? (await collectorOfV8());
  collect?.({ type: "minor" });
  if (thoroughly) collect?.({ type: "major" });
  // The driver is told of what was collected in a turn of its own.
  await new Promise((resume) => setImmediate(resume));
}

type Collect = (options: { readonly type: "minor" | "major" }) => void;

async function collectorOfV8(): Promise<Collect | undefined> {
  try {
    const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import("node:v8"), import("node:vm")]);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as Collect;
    setFlagsFromString("--no-expose-gc");
    return collect;
  } catch {
    return undefined;
  }
}
