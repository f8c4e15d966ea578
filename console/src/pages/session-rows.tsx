import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ask, part, type Session } from "../api/index.ts";
import { DataTable, Empty, Instant, useAct, useConfirm } from "../parts/index.ts";
import { deviceOf } from "../words/index.ts";
import { EndSession } from "./stop-buttons.tsx";

/** The sessions of one user that are in force. */
export function SessionRows({ userId }: { readonly userId: string }) {
  const found = useQuery({
    queryKey: ["/sessions", userId],
    queryFn: () => ask<{ items: readonly Session[] }>("GET", "/sessions", { query: { user: userId } }),
  });
  const act = useAct();
  const confirm = useConfirm();
  const items = found.data?.items ?? [];
  return (
    <Stack gap="sm">
      <DataTable
        label="Sessions"
        list={{ ...found, items }}
        idOf={({ id }) => id}
        empty={
          <Empty title="Not signed in anywhere" icon="session">
            Sessions that ended are not shown; the activity tells of them.
          </Empty>
        }
        columns={[
          {
            title: "Device",
            head: true,
            cell: ({ userAgent }) => (
              <Text size="sm" fw={600}>
                {deviceOf(userAgent)}
              </Text>
            ),
          },
          { title: "From", cell: ({ lastAddress, address }) => <Text size="sm">{lastAddress || address || "unknown"}</Text> },
          { title: "Signed in", cell: ({ createdAt }) => <Instant at={createdAt} /> },
          { title: "Last seen", cell: ({ lastSeenAt }) => <Instant at={lastSeenAt} /> },
          { title: "Ends", cell: ({ endsAt }) => <Instant at={endsAt} /> },
          { title: "Stop", cell: ({ id }) => <EndSession id={id} size="xs" /> },
        ]}
      />
      {items.length > 1 && (
        <Group justify="flex-end">
          <Button
            size="xs"
            color="red"
            variant="subtle"
            onClick={() =>
              confirm({
                title: `End all ${items.length} sessions?`,
                words: "The user is signed out everywhere with the next request.",
                action: "End all sessions",
                job: () => act("DELETE", `/users/${part(userId)}/sessions`),
              })
            }
          >
            End all sessions
          </Button>
        </Group>
      )}
    </Stack>
  );
}
