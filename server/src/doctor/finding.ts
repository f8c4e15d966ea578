/** One practice, held against this installation. */
export interface Finding {
  readonly practice: string;
  /** A problem should be mended today; a warning is a question to the operator. */
  readonly state: "good" | "warning" | "problem";
  readonly found: string;
  /** What to do about it; left out where nothing is wrong. */
  readonly mend?: string;
}

export const good = (practice: string, found: string): Finding => ({ practice, state: "good", found });
export const warning = (practice: string, found: string, mend: string): Finding => ({ practice, state: "warning", found, mend });
export const problem = (practice: string, found: string, mend: string): Finding => ({ practice, state: "problem", found, mend });
