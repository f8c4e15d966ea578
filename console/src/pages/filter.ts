/** What stands in the address bar of Activity, so that a way of looking can be kept and sent to somebody. */
export type Filter = Readonly<Partial<Record<"show" | "outcome" | "subject" | "address" | "request" | "since", string | undefined>>>;
