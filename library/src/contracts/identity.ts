/** Who somebody is according to a provider, proved in this moment. What is not said, or said in an odd form, is undefined. */
export interface ProvenIdentity {
  /** The name of the provider here: `github`. */
  readonly provider: string;
  /** Who says so: one provider may speak for several (the tenants of Microsoft). */
  readonly issuer: string;
  /** Never given to somebody else later, unlike an address or a name. */
  readonly subject: string;
  readonly email: string | undefined;
  /** Whether the provider itself says that the person reads the mail of this address. */
  readonly emailVerified: boolean;
  /** For people to look at, and for nothing else. */
  readonly name: string | undefined;
  readonly tokens: ProviderTokens | undefined;
}

/** What the provider lets us do in the person's name. */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Undefined: the provider does not say. */
  readonly expiresAt: number | undefined;
  readonly scopes: readonly string[];
}
