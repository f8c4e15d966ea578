import { Anchor, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ask, type AuditEvent, type Overview as OverviewData } from "../api/index.ts";
import { Empty, EventRows, Failure, OutcomeBadge, PageHead, usePages, Waiting } from "../parts/index.ts";
import { Why } from "./why.tsx";

const liveMs = 5_000;
const number = new Intl.NumberFormat("en");

export function Overview() {
  const overview = useQuery({ queryKey: ["/overview"], queryFn: () => ask<OverviewData>("GET", "/overview"), refetchInterval: liveMs });
  const refusals = usePages<AuditEvent>("/audit", { action: "request.refused", limit: 8 }, { liveMs });
  const [opened, setOpened] = useState<AuditEvent>();
  return (
    <>
      <PageHead title="Overview" lead="What this server decided since it started." />
      {overview.isPending && <Waiting />}
      {overview.error !== null && <Failure error={overview.error} retry={() => void overview.refetch()} />}
      {overview.data !== undefined && <Figures data={overview.data} />}
      <Group justify="space-between" mt="xl" mb="sm">
        <Title order={2} size="h4">
          Refused lately
        </Title>
        <Anchor component={Link} to="/activity" size="sm">
          All activity
        </Anchor>
      </Group>
      <EventRows label="Refused lately" list={{ ...refusals, hasNextPage: false }} onOpen={setOpened} empty={<NothingRefused />} />
      {overview.data !== undefined && <Decisions data={overview.data} />}
      <Why event={opened} onClose={() => setOpened(undefined)} />
    </>
  );
}

function NothingRefused() {
  return (
    <Empty title="Nothing was refused" icon="check">
      Every request so far was let in, or there was none.
    </Empty>
  );
}

function Figures({ data: { decisions, hashQueue, auditLost } }: { readonly data: OverviewData }) {
  const sum = (wanted: (one: OverviewData["decisions"][number]) => boolean) =>
    decisions.filter(wanted).reduce((total, { count }) => total + count, 0);
  const allowed = sum(({ outcome }) => outcome === "allowed");
  const refused = sum(({ outcome }) => outcome !== "allowed");
  const remembered = sum(({ outcome, remembered: known }) => outcome === "allowed" && known);
  const share = allowed === 0 ? "none yet" : `${Math.round((100 * remembered) / allowed)} % from memory`;
  const lost = auditLost.events + auditLost.uses;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <Figure label="Let in" value={number.format(allowed)} note={share} />
      <Figure
        label="Refused"
        value={number.format(refused)}
        note={refused === 0 ? "nothing" : `${percent(refused, allowed + refused)} of all`}
        bad={refused > 0}
      />
      <Figure
        label="Passwords waiting"
        value={number.format(hashQueue.waiting)}
        note={`${number.format(hashQueue.begun)} looked at, ${number.format(hashQueue.refused)} turned away`}
      />
      <Figure
        label="Events lost"
        value={number.format(lost)}
        note={lost === 0 ? "the audit is whole" : "too much waited to be written"}
        bad={lost > 0}
      />
    </SimpleGrid>
  );
}

const percent = (part: number, whole: number) => `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;

function Figure({
  label,
  value,
  note,
  bad = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly bad?: boolean;
}) {
  return (
    <Paper withBorder radius="md" p="md">
      <Stack gap={4}>
        <Text size="sm" c="dimmed">
          {label}
        </Text>
        <Text className="figure" c={bad ? "var(--mantine-color-error)" : undefined}>
          {value}
        </Text>
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      </Stack>
    </Paper>
  );
}

function Decisions({ data }: { readonly data: OverviewData }) {
  const rows = [
    ...Map.groupBy(
      data.decisions.filter(({ count }) => count > 0),
      ({ method, outcome }) => `${method} ${outcome}`,
    ).values(),
  ]
    .map((same) => ({ method: same[0]!.method, outcome: same[0]!.outcome, count: same.reduce((total, { count }) => total + count, 0) }))
    .toSorted((one, other) => other.count - one.count);
  return (
    <>
      <Title order={2} size="h4" mt="xl" mb="sm">
        By method
      </Title>
      <Paper withBorder radius="md">
        {rows.length === 0 ? (
          <Empty title="No request yet" />
        ) : (
          <Table verticalSpacing="xs" horizontalSpacing="md" aria-label="Decisions by method">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Method</Table.Th>
                <Table.Th scope="col">Outcome</Table.Th>
                <Table.Th scope="col" ta="right">
                  Requests
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ method, outcome, count }) => (
                <Table.Tr key={`${method} ${outcome}`}>
                  <Table.Td>{method}</Table.Td>
                  <Table.Td>
                    <OutcomeBadge outcome={outcome} />
                  </Table.Td>
                  <Table.Td ta="right">{number.format(count)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Paper>
      <Text size="xs" c="dimmed" mt="md">
        {data.issuer} · Latchkey {data.versions.latchkey} · Node.js {data.versions.node}
      </Text>
    </>
  );
}
