import { Button, Group, TagsInput, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask, part, type Role } from "../api/index.ts";
import { DataTable, Empty, FormModal, Icon, PageHead, useAct, useConfirm } from "../parts/index.ts";

export function Roles() {
  const found = useQuery({ queryKey: ["/roles"], queryFn: () => ask<{ items: readonly Role[] }>("GET", "/roles") });
  const act = useAct();
  const confirm = useConfirm();
  const [edited, setEdited] = useState<Role>();
  const remove = (name: string) =>
    confirm({
      title: `Delete the role ${name}?`,
      words: "It is taken from all who have it: what only this role allows is refused from their next request on.",
      action: "Delete role",
      job: () => act("DELETE", `/roles/${part(name)}`),
    });
  return (
    <>
      <PageHead title="Roles" lead="What the holders of a role may do. Give roles on the page of a user.">
        <Button leftSection={<Icon name="plus" />} onClick={() => setEdited({ name: "", permissions: [] })}>
          New role
        </Button>
      </PageHead>
      <DataTable
        label="Roles"
        list={{ ...found, items: found.data?.items ?? [] }}
        idOf={({ name }) => name}
        empty={<Empty title="No roles yet" icon="role" />}
        columns={[
          {
            title: "Role",
            head: true,
            cell: ({ name }) => (
              <Text size="sm" fw={600}>
                {name}
              </Text>
            ),
          },
          {
            title: "May",
            cell: ({ name, permissions }) => (
              <Text size="sm" c={permissions.length === 0 ? "dimmed" : undefined} style={{ overflowWrap: "anywhere" }}>
                {name === "admin" ? "everything in this console" : permissions.join(", ") || "nothing that was said"}
              </Text>
            ),
          },
          {
            title: "Change",
            cell: (role) => (
              <Group gap={6} wrap="nowrap">
                <Button size="xs" variant="light" onClick={() => setEdited(role)}>
                  Edit
                </Button>
                {role.name !== "admin" && (
                  <Button size="xs" color="red" variant="subtle" onClick={() => remove(role.name)}>
                    Delete
                  </Button>
                )}
              </Group>
            ),
          },
        ]}
      />
      {edited !== undefined && <EditRole role={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function EditRole({ role, onClose }: { readonly role: Role; readonly onClose: () => void }) {
  const act = useAct();
  const isNew = role.name === "";
  const [name, setName] = useState(role.name);
  const [permissions, setPermissions] = useState<string[]>([...role.permissions]);
  return (
    <FormModal
      title={isNew ? "New role" : `Role ${role.name}`}
      opened
      onClose={onClose}
      action={isNew ? "Make role" : "Save"}
      job={() => act("PUT", `/roles/${part(name.trim())}`, { body: { permissions } })}
    >
      {isNew && (
        <TextInput
          label="Name"
          placeholder="editor"
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data-autofocus
        />
      )}
      <TagsInput
        label="Permissions"
        description="What its holders may do. Press Enter after each."
        placeholder="posts:delete"
        value={permissions}
        onChange={setPermissions}
        splitChars={[",", " "]}
      />
    </FormModal>
  );
}
