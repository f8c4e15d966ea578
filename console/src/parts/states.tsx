import { Alert, Button, Center, Group, Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "../api/index.ts";
import { Icon, type IconName } from "./icon.tsx";

/** Something is being fetched. */
export function Waiting({ rows = 5 }: { readonly rows?: number }) {
  return (
    <Stack gap="sm" p="md" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={22} radius="sm" />
      ))}
    </Stack>
  );
}

/** There is nothing, and why that is so. */
export function Empty({
  title,
  children,
  icon = "empty",
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly icon?: IconName;
}) {
  return (
    <Center py={48} px="md">
      <Stack align="center" gap="xs" maw="30rem">
        <Text c="dimmed" component="span">
          <Icon name={icon} size={36} />
        </Text>
        <Text fw={600}>{title}</Text>
        <Text c="dimmed" ta="center" size="sm" component="div">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}

/** Something could not be done or fetched: what, what is allowed, and the id to look it up by. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const problem = error instanceof Problem ? error : undefined;
  return (
    <Alert
      color="red"
      variant="light"
      title={problem?.signedOut === true ? "You are signed out." : (problem?.message ?? "Something went wrong.")}
      icon={<Icon name="warning" />}
      role="alert"
      m="xs"
    >
      <Stack gap="xs">
        {problem?.signedOut === true && <Text size="sm">What is open here stays. Sign in in another tab, then come back to this one.</Text>}
        {problem?.detail !== undefined && (
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {problem.detail}
          </Text>
        )}
        {problem === undefined && <Text size="sm">{String(error)}</Text>}
        <Group gap="sm">
          {problem?.signedOut === true && (
            <Button component="a" href={signInHref(false)} target="_blank" rel="noopener" size="xs" color="red">
              Sign in
            </Button>
          )}
          {problem?.wantsFreshSignIn === true && (
            <Button component="a" href={signInHref(true)} size="xs" color="red">
              Sign in again
            </Button>
          )}
          {retry !== undefined && (
            <Button size="xs" variant="default" onClick={retry}>
              Try again
            </Button>
          )}
          {problem?.requestId !== undefined && (
            <Text size="xs" c="dimmed">
              Request {problem.requestId}
            </Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

/** The sign-in page of the server, which leads back here. */
export function signInHref(again: boolean): string {
  const here = `${location.pathname}${location.search}`;
  return `/login?${again ? "again&" : ""}return=${encodeURIComponent(here)}`;
}
