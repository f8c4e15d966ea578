/** One way in which a password may be hashed: ours, or one that an import brought. */
export interface HashFormat {
  /** Whether a stored text claims to be of this format. */
  recognizes(encoded: string): boolean;
  /** Why such a text cannot be taken over (damaged, or of a cost that no server should bear); undefined: it can. */
  problem(encoded: string): string | undefined;
  /** Whether the password has this hash. Off the event loop. */
  verify(encoded: string, password: string): Promise<boolean>;
}
