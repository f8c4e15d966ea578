import { Button, Group, Paper, SegmentedControl, Select, SimpleGrid, Switch, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type AuditEvent, type Query, send } from "../api/index.ts";
import { Empty, EventRows, Failure, PageHead, usePages } from "../parts/index.ts";
import { now } from "../words/index.ts";
import type { Filter } from "./filter.ts";
import { Why } from "./why.tsx";

const kinds = [
  { value: "refused", label: "Refused" },
  { value: "sign-ins", label: "Sign-ins" },
  { value: "all", label: "Everything" },
];

const spans: Readonly<Record<string, number>> = { "1h": 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000, "30d": 30 * 86_400_000 };

/** What was refused and what was done, as it happens. */
export function Activity() {
  const filter: Filter = useSearch({ strict: false });
  const navigate = useNavigate();
  const [live, setLive] = useState(true);
  const [opened, setOpened] = useState<AuditEvent>();
  const [failure, setFailure] = useState<unknown>();
  const set = (change: Partial<Filter>) => void navigate({ to: "/activity", search: { ...filter, ...change }, replace: true });
  const query = queryOf(filter);
  const list = usePages<AuditEvent>("/audit", query, { liveMs: live ? 3_000 : false });
  const filtered = Object.values(filter).some((value) => value !== undefined);
  return (
    <>
      <PageHead title="Activity" lead="Who got in, who did not, and what was changed. Choose a line to see why, and to stop it.">
        <Button variant="default" onClick={() => void download(query).catch(setFailure)}>
          Export
        </Button>
      </PageHead>
      <Paper withBorder radius="md" p="md" mb="md">
        <Group justify="space-between" mb="md" gap="sm">
          <SegmentedControl aria-label="Which events" data={kinds} value={filter.show ?? "refused"} onChange={(show) => set({ show })} />
          <Switch label="Live" checked={live} onChange={({ currentTarget }) => setLive(currentTarget.checked)} />
        </Group>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }} spacing="sm">
          <Field label="Code" placeholder="api-key.revoked" value={filter.outcome} onChange={(outcome) => set({ outcome })} />
          <Field label="Who or whom" placeholder="usr_… or key_…" value={filter.subject} onChange={(subject) => set({ subject })} />
          <Field label="Address" placeholder="203.0.113.7" value={filter.address} onChange={(address) => set({ address })} />
          <Field label="Request" placeholder="req_…" value={filter.request} onChange={(request) => set({ request })} />
          <Select
            label="Since"
            data={[
              { value: "1h", label: "the last hour" },
              { value: "24h", label: "the last day" },
              { value: "7d", label: "the last week" },
              { value: "30d", label: "the last 30 days" },
            ]}
            placeholder="the beginning"
            clearable
            clearButtonProps={{ "aria-label": "Since the beginning" }}
            value={filter.since ?? null}
            onChange={(since) => set({ since: since ?? undefined })}
          />
        </SimpleGrid>
      </Paper>
      {failure !== undefined && <Failure error={failure} />}
      <EventRows
        list={list}
        onOpen={setOpened}
        empty={
          <Empty title={filtered ? "Nothing matches" : "Nothing was refused"} icon={filtered ? "search" : "check"}>
            {filtered ? "Take a part of the filter out." : "Every request so far was let in, or there was none."}
          </Empty>
        }
      />
      <Why event={opened} onClose={() => setOpened(undefined)} />
    </>
  );
}

interface FieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** A text that filters once the typing pauses. */
function Field({ label, placeholder, value = "", onChange }: FieldProps) {
  const [text, setText] = useState(value);
  const later = useDebouncedCallback(onChange, 300);
  // The address bar may change without this field: by a link, or by going back.
  useEffect(() => setText((before) => (before.trim() === value ? before : value)), [value]);
  const type = (typed: string) => {
    setText(typed);
    later(typed.trim() || undefined);
  };
  return <TextInput label={label} placeholder={placeholder} value={text} onChange={({ currentTarget }) => type(currentTarget.value)} />;
}

/** Rounded to the minute, so that the same question stays the same while one looks. */
function queryOf({ show = "refused", outcome, subject, address, request, since }: Filter): Query {
  const from =
    since === undefined || spans[since] === undefined
      ? undefined
      : new Date(Math.floor((now() - spans[since]) / 60_000) * 60_000).toISOString();
  const action = show === "refused" ? "request.refused" : undefined;
  const who = subject?.startsWith("key_") === true || subject?.startsWith("ses_") === true ? { credential: subject } : { subject };
  return { action: show === "sign-ins" ? "session.created" : action, outcome, ...who, address, request, since: from };
}

/** All that matches, as lines of JSON in a file, page by page. */
async function download(query: Query): Promise<void> {
  const parts: Blob[] = [];
  for (let after: string | undefined = ""; after !== undefined;) {
    const answer: Response = await send("GET", "/audit/export", { query: { ...query, after } });
    parts.push(await answer.blob());
    const next = /[?&]after=([^&>]+)/.exec(answer.headers.get("link") ?? "")?.[1];
    after = next === undefined ? undefined : decodeURIComponent(next);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/x-ndjson" }));
  link.download = "latchkey-audit.ndjson";
  link.click();
  URL.revokeObjectURL(link.href);
}
