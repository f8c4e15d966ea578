// A program of its own that begins to migrate and stops in the middle, to be killed there.
import { postgres } from "../src/stores/postgres/index.ts";
import { sqlite } from "../src/stores/sqlite/index.ts";

const place = process.argv[2] ?? "";
const store = place.startsWith("postgres:") ? postgres(place) : sqlite(place);

await store.migrate([
  {
    name: "thing",
    migrations: [
      {
        name: "0001-create",
        up: async (database) => {
          await database.schema.createTable("half_done").addColumn("id", "text").execute();
        },
      },
      {
        name: "0002-never",
        up: () => {
          process.stdout.write("in the middle\n");
          return new Promise(() => setInterval(() => undefined, 1_000));
        },
      },
    ],
  },
]);
