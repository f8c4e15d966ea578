import { Badge, Button, Code, Group, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { type ApiKey, type IssuedKey, part } from "../api/index.ts";
import { Copyable, DataTable, Instant, Sheet, useAct, useConfirm } from "../parts/index.ts";
import { now } from "../words/index.ts";
import { RevokeKey } from "./stop-buttons.tsx";

type List = Parameters<typeof DataTable<ApiKey>>[0]["list"];

/** Keys, each with the ways to change it. */
export function KeyRows({ list, empty }: { readonly list: List; readonly empty: ReactNode }) {
  const [issued, setIssued] = useState<IssuedKey>();
  return (
    <>
      <DataTable
        label="API keys"
        list={list}
        idOf={({ id }) => id}
        empty={empty}
        columns={[
          {
            title: "Key",
            head: true,
            cell: ({ name, hint }) => (
              <Stack gap={2}>
                <Text size="sm" fw={600}>
                  {name}
                </Text>
                <Code style={{ alignSelf: "flex-start" }}>{hint}</Code>
              </Stack>
            ),
          },
          { title: "State", cell: (key) => <KeyState apiKey={key} /> },
          { title: "May", cell: ({ scopes, roles }) => <Rights scopes={scopes} roles={roles} /> },
          { title: "Last used", cell: ({ lastUsedAt }) => <Instant at={lastUsedAt} /> },
          { title: "Ends", cell: ({ expiresAt }) => <Instant at={expiresAt} none="never" /> },
          { title: "Stop", cell: (key) => <Buttons apiKey={key} onIssued={setIssued} /> },
        ]}
      />
      <ShownOnce issued={issued} onClose={() => setIssued(undefined)} />
    </>
  );
}

function KeyState({ apiKey: { revokedAt, expiresAt } }: { readonly apiKey: ApiKey }) {
  const expired = expiresAt !== null && Date.parse(expiresAt) <= now();
  const state = revokedAt !== null ? "revoked" : expired ? "expired" : "active";
  return (
    <Badge color={state === "active" ? "key" : state === "revoked" ? "red" : "gray"} variant="light" tt="none">
      {state}
    </Badge>
  );
}

function Rights({ scopes, roles }: Pick<ApiKey, "scopes" | "roles">) {
  if (scopes.length + roles.length === 0)
    return (
      <Text size="sm" c="dimmed">
        nothing in particular
      </Text>
    );
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      {[...scopes, ...roles.map((role) => `role ${role}`)].join(", ")}
    </Text>
  );
}

function Buttons({ apiKey, onIssued }: { readonly apiKey: ApiKey; readonly onIssued: (issued: IssuedKey) => void }) {
  const act = useAct();
  const confirm = useConfirm();
  if (apiKey.revokedAt !== null) return <Instant at={apiKey.revokedAt} />;
  return (
    <Group gap={6} wrap="nowrap">
      <RevokeKey apiKey={apiKey} size="xs" />
      <Button
        size="xs"
        variant="subtle"
        onClick={() =>
          confirm({
            title: `Give key ${apiKey.name} a new secret?`,
            words: "The old secret works for another 24 hours, so that what uses it can be changed without an outage.",
            action: "Rotate key",
            grave: false,
            job: async () => onIssued(await act<IssuedKey>("POST", `/api-keys/${part(apiKey.id)}/rotate`, { body: {} })),
          })
        }
      >
        Rotate
      </Button>
    </Group>
  );
}

/** The secret of a key, in the one moment in which anybody has it. */
export function ShownOnce({ issued, onClose }: { readonly issued: IssuedKey | undefined; readonly onClose: () => void }) {
  return (
    <Sheet above keep opened={issued !== undefined} onClose={onClose} title={`Key ${issued?.name ?? ""}`} size="lg">
      <Stack>
        <Text>Copy the key now. It is shown this once: only its fingerprint is kept.</Text>
        {issued !== undefined && <Copyable text={issued.key} label="Copy the key" />}
        <Group justify="flex-end">
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Sheet>
  );
}
