import type * as z from "zod/mini";

export interface Setting<Schema extends z.ZodMiniType = z.ZodMiniType> {
  readonly environment: `LATCHKEY_${string}`;
  /** Name of the flag of `serve`; none for what must not stand in a list of processes, or is rarely set. */
  readonly flag?: string;
  /** What stands for the value in the help. */
  readonly value: string;
  readonly schema: Schema;
  readonly allowed: string;
  readonly example: string;
  readonly describe: string;
  /** The default as people read it. */
  readonly otherwise: string;
  /** Never shown, not even when it is wrong. */
  readonly secret?: true;
}

/** One row of the table, with the type that its schema gives. */
export const setting = <Schema extends z.ZodMiniType>(one: Setting<Schema>): Setting<Schema> => one;
