/** The face of `latchkey`. No driver and no framework: those are `latchkey/sqlite`, `latchkey/express` and so on. */
export {
  type FirebaseHashing,
  type FirstAdmin,
  type FirstAdminClaim,
  type HashQueueState,
  type Identities,
  type IdentityRecord,
  type ImportedUser,
  type ImportOutcome,
  type PasswordOptions,
  readExportedUser,
  type Role,
  type Roles,
  type SourceUser,
  type User,
  type UserChanges,
  type UserList,
  type UserOptions,
  type Users,
  type UnlinkOptions,
  type UserSource,
  type WhichIdentity,
} from "./accounts/index.ts";
export {
  type ActedBy,
  type Allowed,
  type Answer,
  type Assurance,
  type AuditAction,
  auditActions,
  type Clock,
  type Decision,
  type DecisionEvent,
  type Denied,
  type Ephemeral,
  Fault,
  type FaultCode,
  type Gate,
  type Method,
  type MethodFactory,
  type MethodParts,
  OptionFault,
  type Origin,
  type Principal,
  type PrincipalKind,
  type ProvenIdentity,
  type ProviderTokens,
  type RateLimitState,
  type Refusal,
  type RequestView,
  type Rule,
  type RuleOptions,
  type Store,
  systemClock,
  UniqueViolation,
} from "./contracts/index.ts";
export { createLatchkey, type Latchkey, type LatchkeyOptions } from "./latchkey.ts";
export type { ApiKeyOptions, ApiKeyRecord, ApiKeys, ImportedKey, IssuedKey, KeyOwner, RotateOptions } from "./methods/api-key/index.ts";
export { type FlowSecrets, type Provider, ProviderProblem, type ProviderProblemKind } from "./methods/oauth/client/index.ts";
export type { MailMessage, MailOptions, MailTransport } from "./mail/index.ts";
export type { BasicOptions } from "./methods/basic/index.ts";
export type { EndpointOptions, WebhookDelivery, WebhookEndpoint, WebhookEvent, Webhooks, WebhookSendOptions } from "./webhooks/index.ts";
export type { AuditEvent, AuditFilter, AuditLog, ChainVerdict } from "./policies/audit/index.ts";
export type {
  IssuedSession,
  NewSession,
  RenewedProof,
  SessionData,
  SessionDataStore,
  SessionOptions,
  SessionRecord,
  Sessions,
  SessionValues,
} from "./methods/session/index.ts";
export type { DecisionCount, MetricsReading, VerificationTimes } from "./policies/metrics/index.ts";
export type { JwtOptions, SigningKeyOptions } from "./jwt-options.ts";
export type { ForeignIssuerOptions, IssuedToken, RevokeTokens, TokenOptions, Tokens } from "./methods/jwt/index.ts";
export type {
  Client,
  ClientOptions,
  Clients,
  IssuedClient,
  OAuthOptions,
  RegistrationOptions,
  TokenFormat,
} from "./methods/oauth/server/index.ts";
export type { SigningKeyRecord, SigningKeys, SigningKeyState } from "./signing-keys/index.ts";
export type { PageOptions } from "./pages/index.ts";
export { knownSample, newMasterSecret, scrub } from "./primitives/index.ts";
