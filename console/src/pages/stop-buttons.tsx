import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ApiKey, ask, type AuditEvent, type Decision, part, type User } from "../api/index.ts";
import { useAct, useConfirm } from "../parts/index.ts";

interface Named {
  readonly keyId: string | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
}

/** Whom and what an event names: in its fields, or in the words that the gate left for the operator. */
export function namedIn(event: AuditEvent, caller: Decision["caller"]): Named {
  const texts = [event.credentialId, caller?.credentialId, caller?.subject, event.subject, event.actor, event.detail].filter(
    (text) => text !== null && text !== undefined,
  );
  const find = (prefix: string) => {
    for (const text of texts) {
      const found = new RegExp(`\\b${prefix}_[0-9a-z]{20,32}\\b`).exec(text);
      if (found !== null) return found[0];
    }
    return undefined;
  };
  return { keyId: find("key"), sessionId: find("ses"), userId: find("usr") };
}

/** The ways to stop it. Where nothing can be stopped, that is said. */
export function StopButtons({ event, caller }: { readonly event: AuditEvent; readonly caller: Decision["caller"] }) {
  const { keyId, sessionId, userId } = namedIn(event, caller);
  const key = useQuery({
    queryKey: ["/api-keys", keyId],
    queryFn: () => ask<ApiKey>("GET", `/api-keys/${part(keyId!)}`),
    enabled: keyId !== undefined,
    retry: false,
  });
  const ownerId = userId ?? (key.data?.owner.kind === "user" ? key.data.owner.id : undefined);
  const user = useQuery({
    queryKey: ["/users", ownerId],
    queryFn: () => ask<User>("GET", `/users/${part(ownerId!)}`),
    enabled: ownerId !== undefined,
    retry: false,
  });
  const nothing = key.data === undefined && sessionId === undefined && user.data === undefined;
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        Stop it
      </Title>
      {nothing && (
        <Text size="sm" c="dimmed">
          No key, session or user of yours is known by this: there is nothing to end. It was refused.
        </Text>
      )}
      <Group gap="sm">
        {key.data !== undefined && <RevokeKey apiKey={key.data} />}
        {sessionId !== undefined && event.action !== "session.ended" && <EndSession id={sessionId} />}
        {user.data !== undefined && <DisableUser user={user.data} />}
      </Group>
      {user.data !== undefined && (
        <Anchor size="sm" component={Link} to={`/users/${user.data.id}`}>
          {user.data.email}
        </Anchor>
      )}
    </Stack>
  );
}

export function RevokeKey({ apiKey, size = "sm" }: { readonly apiKey: ApiKey; readonly size?: string }) {
  const confirm = useConfirm();
  const act = useAct();
  if (apiKey.revokedAt !== null)
    return (
      <Text size="sm" c="dimmed">
        Key {apiKey.name} is revoked.
      </Text>
    );
  return (
    <Button
      size={size}
      color="red"
      variant="light"
      onClick={() =>
        confirm({
          title: `Revoke key ${apiKey.name}?`,
          words: "Its next request is refused. This cannot be undone: a program that still needs a key needs a new one.",
          action: "Revoke key",
          job: () => act("DELETE", `/api-keys/${part(apiKey.id)}`),
        })
      }
    >
      Revoke key
    </Button>
  );
}

export function EndSession({ id, size = "sm" }: { readonly id: string; readonly size?: string }) {
  const confirm = useConfirm();
  const act = useAct();
  return (
    <Button
      size={size}
      color="red"
      variant="light"
      onClick={() =>
        confirm({
          title: "End this session?",
          words: "Whoever uses it is signed out with the next request, and can sign in again.",
          action: "End session",
          job: () => act("DELETE", `/sessions/${part(id)}`),
        })
      }
    >
      End session
    </Button>
  );
}

export function DisableUser({ user, size = "sm" }: { readonly user: User; readonly size?: string }) {
  const confirm = useConfirm();
  const act = useAct();
  const path = `/users/${part(user.id)}`;
  if (user.disabledAt !== null)
    return (
      <Button
        size={size}
        variant="light"
        onClick={() =>
          confirm({
            title: `Enable ${user.email}?`,
            words: "The sessions, keys and tokens of this user work again.",
            action: "Enable user",
            grave: false,
            job: () => act("POST", `${path}/enable`),
          })
        }
      >
        Enable user
      </Button>
    );
  return (
    <Button
      size={size}
      color="red"
      variant="light"
      onClick={() =>
        confirm({
          title: `Disable ${user.email}?`,
          words: "Every session, key and token of this user is refused from the next request on, until the user is enabled again.",
          action: "Disable user",
          job: () => act("POST", `${path}/disable`),
        })
      }
    >
      Disable user
    </Button>
  );
}
