/** Scopes by the audience for which a person agreed to them: what is allowed at one API says nothing of another. */
export type Agreement = ReadonlyMap<string, readonly string[]>;

/** From the stored text; null or undefined: nothing. */
export function readAgreed(text: string | null | undefined): Agreement {
  return new Map(JSON.parse(text ?? "[]") as [string, string[]][]);
}

export function agreedText(agreement: Agreement): string {
  return JSON.stringify([...agreement]);
}

/** Both together. */
export function withAgreed(before: Agreement, more: Agreement): Agreement {
  const joined = new Map(before);
  for (const [audience, scopes] of more) joined.set(audience, [...new Set([...(before.get(audience) ?? []), ...scopes])]);
  return joined;
}

/** Whether everything that is asked for was agreed to, at each audience. */
export function coversAll(agreed: Agreement, asked: Agreement): boolean {
  return [...asked].every(([audience, scopes]) => {
    const known = agreed.get(audience);
    return known !== undefined && scopes.every((scope) => known.includes(scope));
  });
}
