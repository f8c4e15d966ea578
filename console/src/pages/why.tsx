import { Anchor, Badge, Group, List, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ask, type AuditEvent, type Decision, part } from "../api/index.ts";
import { Copyable, OutcomeBadge, SideSheet } from "../parts/index.ts";
import { actionText, exactly, explained, failedCheck } from "../words/index.ts";
import type { Filter } from "./filter.ts";
import { StopButtons } from "./stop-buttons.tsx";

/** Why something came out as it did, in words, and the ways to stop it. */
export function Why({ event, onClose }: { readonly event: AuditEvent | undefined; readonly onClose: () => void }) {
  return (
    <SideSheet opened={event !== undefined} onClose={onClose} title="Why">
      {event !== undefined && <Told event={event} />}
    </SideSheet>
  );
}

function Told({ event }: { readonly event: AuditEvent }) {
  const { request, requestId } = event;
  const asked = useQuery({
    queryKey: ["/decisions", requestId],
    queryFn: () => ask<Decision>("GET", `/decisions/${part(requestId!)}`),
    enabled: request !== null && requestId !== null,
    retry: false,
  });
  const words = explained(event.outcome);
  const failed = request === null ? undefined : failedCheck(event.outcome, request.checks);
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h3" style={{ overflowWrap: "anywhere" }}>
          {request === null ? actionText(event.action) : `${request.httpMethod} ${request.path}`}
        </Title>
        <Group gap="xs" mt={6}>
          <OutcomeBadge outcome={event.outcome} />
          <Text size="sm" c="dimmed">
            {exactly(event.at)}
          </Text>
        </Group>
      </div>
      <div>
        <Text fw={600}>{words.what}</Text>
        {event.detail !== null && <Text size="sm">Exactly: {event.detail}.</Text>}
        {words.advice !== undefined && (
          <Text size="sm" c="dimmed">
            {words.advice}
          </Text>
        )}
      </div>
      <StopButtons event={event} caller={asked.data?.caller ?? null} />
      {request !== null && (
        <div>
          <Title order={3} size="h5" mb={4}>
            How far it got
          </Title>
          <List size="sm" type="ordered">
            {request.checks.map((check, index) => (
              <List.Item key={`${index} ${check}`}>
                {check}{" "}
                {check === failed && index === request.checks.length - 1 && (
                  <Badge color="red" variant="light" size="sm">
                    failed
                  </Badge>
                )}
              </List.Item>
            ))}
          </List>
        </div>
      )}
      <Facts event={event} />
    </Stack>
  );
}

function Facts({ event }: { readonly event: AuditEvent }) {
  const rows: readonly (readonly [string, ReactNode])[] = [
    ["Credential seen", event.request?.seen.join(", ") || null],
    ["Who", event.actor],
    ["Whom", event.subject === event.actor ? null : event.subject],
    ["Method", event.method],
    ["Credential", event.credentialId],
    [
      "Address",
      event.address === null || event.address === "" ? null : (
        <ActivityLink key="address" search={{ show: "all", address: event.address }}>
          {event.address}
        </ActivityLink>
      ),
    ],
    ["User agent", event.userAgent],
    ["Request", event.requestId === null ? null : <Copyable key="request" text={event.requestId} label="Copy the id of the request" />],
  ];
  return (
    <div>
      <Title order={3} size="h5" mb={6}>
        What is known
      </Title>
      <dl className="facts">
        {rows
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <Text size="sm" mt="md">
        <ActivityLink search={event.subject === null ? {} : { show: "all", subject: event.subject }}>
          {event.subject === null ? "All activity" : "Everything about this subject"}
        </ActivityLink>
      </Text>
    </div>
  );
}

function ActivityLink({ search, children }: { readonly search: Filter; readonly children: ReactNode }) {
  return (
    <Anchor component={Link} to="/activity" search={search as never} size="sm">
      {children}
    </Anchor>
  );
}
