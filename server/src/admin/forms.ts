/** How things look in requests and answers: schemas from which the documentation is made, too. */
import { instantText } from "latchkey/endpoints";
import * as z from "zod/mini";

/** An instant, RFC 3339 in UTC. */
export const instant = z.string().check(z.meta({ format: "date-time" }));
export const maybeInstant = z.nullable(instant);
export const maybeText = z.nullable(z.string());

/** Printable ASCII without spaces: what ids, codes and names of methods are made of. */
export const word = z.string().check(z.regex(/^[!-~]{1,200}$/, "it must be 1 to 200 printable characters without spaces"));

/** Free text without control characters. */
export const line = (most: number) =>
  z.string().check(z.minLength(1), z.maxLength(most), z.regex(/^[^\p{Cc}]*$/u, "it must hold no control characters"));

export const words = z.array(word).check(z.maxLength(100));

/** How many of a list, as a query has it. */
export const limit = z.optional(z.string().check(z.regex(/^(?:[1-9]\d?|1\d\d|200)$/, "it must be a number from 1 to 200")));
export const usualLimit = 50;

/** The id of the last one seen. */
export const after = z.optional(word);

/** A page of a list. `next`: what to send as `after` for the next page; null: that was all. */
export const pageOf = <Item extends z.ZodMiniType>(item: Item) => z.object({ items: z.array(item), next: maybeText });

/** Asks for one more than wanted, to know whether that was all. */
export async function page<Item, Shown>(
  wanted: string | undefined,
  find: (limit: number) => Promise<readonly Item[]>,
  show: (item: Item) => Shown & { readonly id: string },
): Promise<{ items: Shown[]; next: string | null }> {
  const most = wanted === undefined ? usualLimit : Number(wanted);
  const found = await find(most + 1);
  const items = found.slice(0, most).map(show);
  return { items, next: found.length > most ? items.at(-1)!.id : null };
}

export { instantText };

/** An instant in a query: `2026-11-24T09:00:00Z`, or a date alone, which is midnight in UTC. */
export const instantInput = z.string().check(
  z.regex(
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/,
    "it must be an instant, such as 2026-11-24T09:00:00Z",
  ),
  z.refine((text) => !Number.isNaN(Date.parse(text)), "it must be an instant that there is"),
);
