import { Button, Code, Group, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { type Client, type IssuedClient, part } from "../api/index.ts";
import { Copyable, DataTable, Empty, FormModal, Icon, Instant, PageHead, Sheet, useAct, useConfirm, usePages } from "../parts/index.ts";

/** The apps and programs that get tokens here by OAuth. */
export function Clients() {
  const list = usePages<Client>("/clients");
  const [opened, { open, close }] = useDisclosure();
  const [issued, setIssued] = useState<IssuedClient>();
  return (
    <>
      <PageHead title="OAuth clients" lead="Apps and programs that get tokens here.">
        <Button leftSection={<Icon name="plus" />} onClick={open}>
          New client
        </Button>
      </PageHead>
      <DataTable
        label="OAuth clients"
        list={list}
        idOf={({ id }) => id}
        empty={
          <Empty title="No clients yet" icon="link">
            Register an app that signs people in here, or a program that gets tokens of its own.
          </Empty>
        }
        columns={[
          { title: "Client", head: true, cell: (client) => <Named client={client} /> },
          { title: "Grants", cell: ({ grants }) => <Text size="sm">{grants.join(", ")}</Text> },
          { title: "May ask for", cell: ({ scopes }) => <Text size="sm">{scopes.join(", ") || "nothing"}</Text> },
          { title: "Made", cell: ({ createdAt }) => <Instant at={createdAt} /> },
          { title: "Change", cell: (client) => <Buttons client={client} onIssued={setIssued} /> },
        ]}
      />
      {opened && <NewClient onClose={close} onIssued={setIssued} />}
      <SecretOnce issued={issued} onClose={() => setIssued(undefined)} />
    </>
  );
}

function Named({ client: { name, id } }: { readonly client: Client }) {
  return (
    <Stack gap={2}>
      <Text size="sm" fw={600}>
        {name}
      </Text>
      <Code style={{ alignSelf: "flex-start", overflowWrap: "anywhere" }}>{id}</Code>
    </Stack>
  );
}

function Buttons({ client, onIssued }: { readonly client: Client; readonly onIssued: (issued: IssuedClient) => void }) {
  const act = useAct();
  const confirm = useConfirm();
  const path = `/clients/${part(client.id)}`;
  const hasSecret = client.authentication.startsWith("client_secret_");
  return (
    <Group gap={6} wrap="nowrap">
      <Button
        size="xs"
        color="red"
        variant="light"
        onClick={() =>
          confirm({
            title: `Delete client ${client.name}?`,
            words: "Every token of it is refused from the next request on, and nobody can sign in to it any more.",
            action: "Delete client",
            job: () => act("DELETE", path),
          })
        }
      >
        Delete
      </Button>
      {hasSecret && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() =>
            confirm({
              title: `Give client ${client.name} a new secret?`,
              words: "The old secret works for another 24 hours, so that the client can be changed without an outage.",
              action: "New secret",
              grave: false,
              job: async () => onIssued(await act<IssuedClient>("POST", `${path}/rotate-secret`, { body: {} })),
            })
          }
        >
          New secret
        </Button>
      )}
    </Group>
  );
}

const kinds = [
  { value: "web", label: "a web app with a server" },
  { value: "public", label: "an app in a browser or on a device" },
  { value: "program", label: "a program of its own" },
];

const registrations: Readonly<Record<string, { readonly grants: readonly string[]; readonly authentication: string }>> = {
  web: { grants: ["authorization_code", "refresh_token"], authentication: "client_secret_basic" },
  public: { grants: ["authorization_code", "refresh_token"], authentication: "none" },
  program: { grants: ["client_credentials"], authentication: "client_secret_basic" },
};

function NewClient({ onClose, onIssued }: { readonly onClose: () => void; readonly onIssued: (issued: IssuedClient) => void }) {
  const act = useAct();
  const [name, setName] = useState("");
  const [kind, setKind] = useState("web");
  const [redirectUris, setRedirectUris] = useState<string[]>([]);
  const [scopes, setScopes] = useState<string[]>([]);
  const make = async () => {
    const given = { ...(scopes.length === 0 ? {} : { scopes }), ...(kind === "program" ? {} : { redirectUris }) };
    onIssued(await act<IssuedClient>("POST", "/clients", { body: { name, ...registrations[kind], ...given } }));
  };
  return (
    <FormModal title="New OAuth client" opened onClose={onClose} action="Register client" job={make}>
      <TextInput
        label="Name"
        description="People see it when they are asked for consent."
        required
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-autofocus
      />
      <Select label="It is" data={kinds} value={kind} onChange={(value) => setKind(value ?? "web")} allowDeselect={false} />
      {kind !== "program" && (
        <TagsInput
          label="Redirect URIs"
          description="Where codes may be sent, exactly. Press Enter after each."
          placeholder="https://app.example.com/callback"
          value={redirectUris}
          onChange={setRedirectUris}
        />
      )}
      <TagsInput
        label="Scopes"
        description="What it may ask for. Press Enter after each."
        placeholder="posts:read"
        value={scopes}
        onChange={setScopes}
        splitChars={[",", " "]}
      />
    </FormModal>
  );
}

/** The secret of a client, in the one moment in which anybody has it; or that it has none. */
function SecretOnce({ issued, onClose }: { readonly issued: IssuedClient | undefined; readonly onClose: () => void }) {
  return (
    <Sheet above keep opened={issued !== undefined} onClose={onClose} title={`Client ${issued?.name ?? ""}`} size="lg">
      {issued !== undefined && (
        <Stack>
          <Copyable text={issued.id} label="Copy the id of the client" />
          {issued.secret === null ? (
            <Text>It has no secret: it proves itself by PKCE.</Text>
          ) : (
            <>
              <Text>Copy the secret now. It is shown this once: only its fingerprint is kept.</Text>
              <Copyable text={issued.secret} label="Copy the secret" />
            </>
          )}
          <Group justify="flex-end">
            <Button onClick={onClose}>I have it</Button>
          </Group>
        </Stack>
      )}
    </Sheet>
  );
}
