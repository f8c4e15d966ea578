import {
  type AuditTrail,
  type Endpoint,
  type Ephemeral,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Refusal,
} from "../contracts/index.ts";
import {
  type AuthenticateClient,
  type ClientChoices,
  type Clients,
  type ClientSource,
  createCheckSector,
  createMetadataDocuments,
  createRegistrations,
  type Described,
  type FetchDocument,
  type KnownClient,
  registerEndpoints,
} from "../methods/oauth/server/index.ts";
import { fetchPublic } from "../outbound/index.ts";
import type { Settings } from "../options.ts";
import type { ChangeMany } from "./change.ts";

/** Clients that are what a document at their URL says; none where that is off. */
export function documentSources(settings: Settings, ephemeral: Ephemeral, choices: ClientChoices): readonly (ClientSource & Described)[] {
  const { clock, issuer, registration } = settings;
  if (!registration.metadataDocuments) return [];
  const allowLoopback = issuer.startsWith("http:");
  const fetch = fetchDocument(allowLoopback);
  return [
    createMetadataDocuments({
      fetch,
      checkSector: createCheckSector(fetch),
      clock,
      ephemeral,
      choices,
      scopes: registration.scopes,
      allowLoopback,
    }),
  ];
}

/** What clients say of themselves elsewhere. Five kilobytes are what the draft of metadata documents advises; a key set may be in it. */
function fetchDocument(allowPrivate: boolean): FetchDocument {
  const limits = { maxBytes: 16_384, timeoutMs: 5_000, accept: "application/json", allowPrivate };
  return (url) => fetchPublic(url, limits);
}

interface RegistrationWiring {
  readonly settings: Settings;
  readonly ephemeral: Ephemeral;
  readonly trail: AuditTrail;
  readonly change: ChangeMany;
  readonly clients: Clients;
  readonly choices: ClientChoices;
  readonly authenticate: AuthenticateClient;
}

/** What registration adds to the server: its endpoints, what the metadata says of it, and that who registers must come back. */
export function wireRegistration({ settings, ephemeral, trail, change, clients, choices, authenticate }: RegistrationWiring): {
  readonly authenticate: AuthenticateClient;
  readonly endpoints: readonly Endpoint[];
  readonly described: Described;
} {
  const { store, clock, environment, issuer, registration } = settings;
  const registrations = createRegistrations({ store, clock, environment, choices, trail, clients, change });
  const open = registration.mode !== "off";
  const checkSector = createCheckSector(fetchDocument(issuer.startsWith("http:")));
  return {
    authenticate(view, parameters, at, by) {
      const found = authenticate(view, parameters, at, by);
      const judge = (client: KnownClient | Refusal): MaybePromise<KnownClient | Refusal> =>
        isRefusal(client) || client.metadata["registered"] !== "by-itself"
          ? client
          : registrations.used(client, at).then((refusal) => refusal ?? client);
      return isPromise(found) ? found.then(judge) : judge(found);
    },
    endpoints: open ? registerEndpoints({ issuer, settings: registration, registrations, ephemeral, checkSector }) : [],
    described: open ? { metadata: { registration_endpoint: `${issuer}/oauth/register` } } : {},
  };
}
