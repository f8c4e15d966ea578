import { Fault, type Store } from "../src/contracts/index.ts";
import { sqlite } from "../src/stores/sqlite/index.ts";

/**
 * A real store over a wire that can be cut: then prepared reads whose SQL matches fail as they do when the database is
 * gone. `toldOnly`: it hears of others by being told, as PostgreSQL does.
 */
export function breakableStore(options: { readonly matching?: RegExp; readonly toldOnly?: boolean } = {}) {
  const { matching = /./, toldOnly = false } = options;
  const store = sqlite(":memory:");
  const wire = { cut: false };
  const breakable: Store = {
    ...store,
    ...(toldOnly ? { committedElsewhere: () => undefined } : {}),
    prepare(query) {
      const read = store.prepare(query);
      const concerned = matching.test(query.compile().sql);
      return (...values) => {
        if (wire.cut && concerned) throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "the wire is cut", { retryAfterSeconds: 7 });
        return read(...values);
      };
    },
  };
  return { store: breakable, wire };
}
