// A process that has nothing to do but to wait for the thread of the checkpoints, or that ends while it works.
import Database from "libsql";
import { createCheckpoints } from "../src/stores/sqlite/checkpoints.ts";

const [file, what] = process.argv.slice(2) as [string, string];
const writer = new Database(file);
writer.exec("pragma journal_mode = wal");
writer.exec("create table thing (bytes)");
let length = 0;
const checkpoints = createCheckpoints(file, writer, { pending: () => 5_000, all: () => length });

/** 20 MB, which take a moment to be brought over. */
function grow(): void {
  const count = "with recursive n (x) as (select 1 union all select x + 1 from n where x < 200) select x from n";
  writer.exec(`insert into thing select randomblob(100000) from (${count})`);
  length += 10_000;
  checkpoints.look();
}

// The thread is up after the first time.
grow();
await checkpoints.room();
grow();
if (what === "waits") {
  await checkpoints.room();
  process.stdout.write("room\n");
  await checkpoints.close();
} else {
  setTimeout(() => process.exit(0), Number(what));
}
