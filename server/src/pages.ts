/** Lists of any length: the caller's process asks for page after page, so that no answer of a server grows with them. */
import { type Input, text } from "./arguments.ts";

const atOnce = 1_000;

interface Listed {
  readonly id: string;
}

/** All of a list, as `{ [name]: … }`: of each page the last id is sent as `from`, until one is not full. */
export async function everyPage(
  name: string,
  { input, send }: { readonly input: Input; send(input: Input): Promise<unknown> },
): Promise<Readonly<Record<string, readonly Listed[]>>> {
  const all: Listed[] = [];
  for (let from: string | undefined; ;) {
    const page = ((await send({ ...input, from })) as Readonly<Record<string, readonly Listed[]>>)[name]!;
    for (const one of page) all.push(one);
    if (page.length < atOnce) return { [name]: all };
    from = page.at(-1)!.id;
  }
}

/** What `run` of such a command asks the library for. */
export function pageAt<Name extends string>(input: Input, name: Name): { readonly limit: number } & { readonly [Key in Name]?: string } {
  const from = text(input, "from");
  return { limit: atOnce, ...(from === undefined ? {} : { [name]: from }) } as never;
}
