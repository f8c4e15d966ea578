import { Anchor, Badge, Button, CloseButton, Group, Paper, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type ApiKey, ask, type AuditEvent, part, Problem, type User } from "../api/index.ts";
import { Copyable, Empty, EventRows, Failure, Instant, PageHead, useAct, useConfirm, usePages, Waiting } from "../parts/index.ts";
import { KeyRows } from "./key-rows.tsx";
import { SessionRows } from "./session-rows.tsx";
import { DisableUser } from "./stop-buttons.tsx";
import { UserState } from "./users.tsx";
import { Why } from "./why.tsx";

/** One user: what they may do, by which they are here, and what happened lately. */
export function UserPage() {
  const { id = "" } = useParams({ strict: false });
  const user = useQuery({ queryKey: ["/users", id], queryFn: () => ask<User>("GET", `/users/${part(id)}`) });
  if (user.isPending) return <Waiting />;
  const failure = user.error !== null && <Failure error={user.error} retry={() => void user.refetch()} />;
  const gone = user.error instanceof Problem && user.error.status === 404;
  if (user.data === undefined || gone)
    return (
      <>
        <AllUsers />
        {failure}
      </>
    );
  return (
    <>
      {failure}
      <Known user={user.data} />
    </>
  );
}

function AllUsers() {
  return (
    <Anchor component={Link} to="/users" size="sm" mb="xs">
      All users
    </Anchor>
  );
}

function Known({ user }: { readonly user: User }) {
  const keys = usePages<ApiKey>("/api-keys", { owner: user.id });
  const events = usePages<AuditEvent>("/audit", { subject: user.id, limit: 10 });
  const [opened, setOpened] = useState<AuditEvent>();
  return (
    <>
      <AllUsers />
      <PageHead title={user.email} lead={<UserState user={user} />}>
        <DisableUser user={user} />
        <DeleteUser user={user} />
      </PageHead>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" mb="xl">
        <Paper withBorder radius="md" p="md">
          <Title order={2} size="h5" mb="sm">
            Account
          </Title>
          <dl className="facts">
            <dt>Id</dt>
            <dd>
              <Copyable text={user.id} label="Copy the id of the user" />
            </dd>
            <dt>Made</dt>
            <dd>
              <Instant at={user.createdAt} none="unknown" />
            </dd>
            <dt>Disabled</dt>
            <dd>
              <Instant at={user.disabledAt} none="no" />
            </dd>
          </dl>
        </Paper>
        <Roles user={user} />
      </SimpleGrid>
      <Head title="Sessions" />
      <SessionRows userId={user.id} />
      <Head title="API keys" />
      <KeyRows list={keys} empty={<Empty title="No keys of this user" icon="key" />} />
      <Head title="What happened lately" />
      <EventRows
        label="What happened lately"
        list={{ ...events, hasNextPage: false }}
        onOpen={setOpened}
        empty={<Empty title="Nothing is recorded" />}
      />
      <Why event={opened} onClose={() => setOpened(undefined)} />
    </>
  );
}

function Head({ title }: { readonly title: string }) {
  return (
    <Title order={2} size="h4" mt="xl" mb="sm">
      {title}
    </Title>
  );
}

function Roles({ user }: { readonly user: User }) {
  const act = useAct();
  const confirm = useConfirm();
  const [role, setRole] = useState("");
  const [error, setError] = useState<unknown>();
  const path = (name: string) => `/users/${part(user.id)}/roles/${part(name)}`;
  const give = async () => {
    setError(undefined);
    try {
      await act("PUT", path(role.trim()));
      setRole("");
    } catch (failure) {
      setError(failure);
    }
  };
  const take = (name: string) =>
    confirm({
      title: `Take the role ${name} from ${user.email}?`,
      words: "What only this role allows is refused from the next request on.",
      action: "Take role",
      job: () => act("DELETE", path(name)),
    });
  return (
    <Paper withBorder radius="md" p="md">
      <Title order={2} size="h5" mb="sm">
        Roles
      </Title>
      <Stack gap="sm">
        <Group gap={6}>
          {user.roles.length === 0 && (
            <Text size="sm" c="dimmed">
              none
            </Text>
          )}
          {user.roles.map((name) => (
            <Badge
              key={name}
              variant="default"
              tt="none"
              size="lg"
              rightSection={<CloseButton size="xs" aria-label={`Take the role ${name}`} onClick={() => take(name)} />}
            >
              {name}
            </Badge>
          ))}
        </Group>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void give();
          }}
        >
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <TextInput
              label="Give a role"
              placeholder="editor"
              value={role}
              onChange={({ currentTarget }) => setRole(currentTarget.value)}
              flex={1}
            />
            <Button type="submit" variant="default" disabled={role.trim() === ""}>
              Give
            </Button>
          </Group>
        </form>
        {error !== undefined && <Failure error={error} />}
      </Stack>
    </Paper>
  );
}

function DeleteUser({ user }: { readonly user: User }) {
  const act = useAct();
  const confirm = useConfirm();
  const navigate = useNavigate();
  return (
    <Button
      color="red"
      variant="subtle"
      onClick={() =>
        confirm({
          title: `Delete ${user.email}?`,
          words:
            "The account, its password and its roles are gone for good, and all its sessions, keys and tokens are refused. The audit stays.",
          action: "Delete user",
          job: async () => {
            await act("DELETE", `/users/${part(user.id)}`);
            await navigate({ to: "/users" });
          },
        })
      }
    >
      Delete
    </Button>
  );
}
