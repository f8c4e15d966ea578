import { Anchor, Badge, Button, Checkbox, Group, PasswordInput, Text, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { User } from "../api/index.ts";
import { DataTable, Empty, FormModal, Icon, Instant, PageHead, useAct, usePages } from "../parts/index.ts";

export function Users() {
  const [text, setText] = useState("");
  const [email] = useDebouncedValue(text.trim(), 250);
  const list = usePages<User>("/users", { email });
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <PageHead title="Users" lead="Everybody who has an account here.">
        <Button leftSection={<Icon name="plus" />} onClick={open}>
          New user
        </Button>
      </PageHead>
      <TextInput
        aria-label="Search by the beginning of the e-mail address"
        placeholder="Search: beginning of the e-mail address"
        leftSection={<Icon name="search" />}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        mb="md"
        maw={420}
      />
      <DataTable
        label="Users"
        list={list}
        idOf={({ id }) => id}
        empty={
          email === "" ? (
            <Empty title="Nobody has an account yet" icon="users">
              People register themselves at /register, or you make a user here.
            </Empty>
          ) : (
            <Empty title={`No address begins with ${email}`} icon="search" />
          )
        }
        columns={[
          {
            title: "Email",
            head: true,
            cell: ({ id, email: address }) => (
              <Anchor component={Link} to={`/users/${id}`} size="sm" fw={600}>
                {address}
              </Anchor>
            ),
          },
          { title: "State", cell: (user) => <UserState user={user} /> },
          {
            title: "Roles",
            cell: ({ roles }) =>
              roles.length === 0 ? (
                <Text size="sm" c="dimmed">
                  none
                </Text>
              ) : (
                <Group gap={4}>
                  {roles.map((role) => (
                    <Badge key={role} variant="default" tt="none">
                      {role}
                    </Badge>
                  ))}
                </Group>
              ),
          },
          { title: "Made", cell: ({ createdAt }) => <Instant at={createdAt} none="unknown" /> },
        ]}
      />
      {opened && <NewUser onClose={close} />}
    </>
  );
}

export function UserState({ user }: { readonly user: User }) {
  const disabled = user.disabledAt !== null;
  return (
    <Group gap={6}>
      <Badge color={disabled ? "red" : "key"} variant="light" tt="none">
        {disabled ? "disabled" : "active"}
      </Badge>
      {!user.emailVerified && (
        <Badge color="gray" variant="light" tt="none">
          address unverified
        </Badge>
      )}
    </Group>
  );
}

function NewUser({ onClose }: { readonly onClose: () => void }) {
  const act = useAct();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [emailVerified, setVerified] = useState(false);
  const make = async () => {
    const user = await act<User>("POST", "/users", { body: { email, emailVerified, ...(password === "" ? {} : { password }) } });
    await navigate({ to: "/users/$id", params: { id: user.id } });
  };
  return (
    <FormModal title="New user" opened onClose={onClose} action="Make user" job={make}>
      <TextInput
        label="Email"
        type="email"
        required
        value={email}
        onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        data-autofocus
      />
      <PasswordInput
        label="Password"
        description="Left empty, nobody can sign in by password until one is set."
        autoComplete="new-password"
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
      />
      <Checkbox
        label="The address is known to be theirs"
        checked={emailVerified}
        onChange={({ currentTarget }) => setVerified(currentTarget.checked)}
      />
    </FormModal>
  );
}
