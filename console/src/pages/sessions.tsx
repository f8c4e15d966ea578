import { Anchor, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { User } from "../api/index.ts";
import { Empty, Failure, Icon, PageHead, usePages, Waiting } from "../parts/index.ts";
import { SessionRows } from "./session-rows.tsx";

const most = 5;

/** Where somebody is signed in. */
export function SessionsPage() {
  const [text, setText] = useState("");
  const [email] = useDebouncedValue(text.trim(), 250);
  const users = usePages<User>("/users", { email, limit: most }, { enabled: email !== "" });
  return (
    <>
      <PageHead title="Sessions" lead="Where somebody is signed in, and how to end it." />
      <TextInput
        label="Whose sessions"
        placeholder="Beginning of the e-mail address"
        leftSection={<Icon name="search" />}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        mb="lg"
        maw={420}
      />
      {email === "" && (
        <Empty title="Whose sessions?" icon="session">
          Type how the e-mail address begins.
        </Empty>
      )}
      {email !== "" && users.isPending && <Waiting />}
      {users.error !== null && <Failure error={users.error} retry={() => void users.refetch()} />}
      {email !== "" && users.isSuccess && users.items.length === 0 && <Empty title={`No address begins with ${email}`} icon="search" />}
      <Stack gap="xl">
        {email !== "" &&
          users.items.map((user) => (
            <div key={user.id}>
              <Group mb="xs">
                <Anchor component={Link} to={`/users/${user.id}`} fw={600}>
                  {user.email}
                </Anchor>
              </Group>
              <SessionRows userId={user.id} />
            </div>
          ))}
        {users.hasNextPage && <Text c="dimmed">More than {most} addresses begin so. Type more of it.</Text>}
      </Stack>
    </>
  );
}
