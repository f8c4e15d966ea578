import { Anchor, Badge, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { AuditEvent } from "../api/index.ts";
import { actionText, explained } from "../words/index.ts";
import { DataTable } from "./data-table.tsx";
import { Instant } from "./instant.tsx";

/** How something came out: a word and a colour that say the same. */
export function OutcomeBadge({ outcome }: { readonly outcome: string }) {
  const good = outcome === "done" || outcome === "allowed";
  return (
    <Badge color={good ? "key" : "red"} variant="light" tt="none" className="outcome">
      {outcome}
    </Badge>
  );
}

interface EventRowsProps {
  readonly list: Parameters<typeof DataTable<AuditEvent>>[0]["list"];
  readonly onOpen: (event: AuditEvent) => void;
  readonly empty: ReactNode;
  readonly label?: string;
}

/** Events of the audit, each with a way to why. */
export function EventRows({ list, onOpen, empty, label = "Events" }: EventRowsProps) {
  return (
    <DataTable
      label={label}
      list={list}
      idOf={({ id }) => id}
      empty={empty}
      columns={[
        {
          title: "What",
          head: true,
          cell: (event) => (
            <Stack gap={2}>
              <Anchor component="button" type="button" fw={600} size="sm" ta="left" onClick={() => onOpen(event)}>
                {event.request === null ? actionText(event.action) : `${event.request.httpMethod} ${event.request.path}`}
              </Anchor>
              {event.outcome !== "done" && (
                <Text size="xs" c="dimmed">
                  {explained(event.outcome).what}
                </Text>
              )}
            </Stack>
          ),
        },
        { title: "Outcome", cell: ({ outcome }) => <OutcomeBadge outcome={outcome} /> },
        { title: "Who", cell: (event) => <Who event={event} /> },
        { title: "Method", cell: ({ method }) => <Text size="sm">{method ?? "none"}</Text> },
        { title: "Address", cell: ({ address }) => <Text size="sm">{address ?? "none"}</Text> },
        { title: "When", cell: ({ at }) => <Instant at={at} /> },
      ]}
    />
  );
}

function Who({ event: { actor, subject } }: { readonly event: AuditEvent }) {
  const id = actor ?? subject;
  if (id === null)
    return (
      <Text size="sm" c="dimmed">
        unknown
      </Text>
    );
  return (
    <Text size="sm" ff="monospace" title={id} className="id">
      {id.length > 18 ? `${id.slice(0, 8)}…${id.slice(-6)}` : id}
    </Text>
  );
}
