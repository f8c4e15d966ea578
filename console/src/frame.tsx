import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Center,
  Group,
  Loader,
  NavLink,
  Paper,
  Stack,
  Text,
  Title,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { ask, type Me, Problem } from "./api/index.ts";
import { Failure, Icon, type IconName, signInHref } from "./parts/index.ts";

const places: readonly { readonly to: string; readonly label: string; readonly icon: IconName; readonly scope: string }[] = [
  { to: "/", label: "Overview", icon: "overview", scope: "admin:overview:read" },
  { to: "/activity", label: "Activity", icon: "activity", scope: "admin:audit:read" },
  { to: "/users", label: "Users", icon: "users", scope: "admin:users:read" },
  { to: "/api-keys", label: "API keys", icon: "key", scope: "admin:api-keys:read" },
  { to: "/clients", label: "OAuth clients", icon: "link", scope: "admin:clients:read" },
  { to: "/sessions", label: "Sessions", icon: "session", scope: "admin:sessions:read" },
  { to: "/roles", label: "Roles", icon: "role", scope: "admin:roles:read" },
  { to: "/signing-keys", label: "Signing keys", icon: "signature", scope: "admin:signing-keys:read" },
];

/** Around every page: who is here, where one can go. Who may not be here is told so. */
export function Frame() {
  const me = useQuery({ queryKey: ["/me"], queryFn: () => ask<Me>("GET", "/me"), refetchInterval: 60_000 });
  const signedOut = me.data === undefined && me.error instanceof Problem && me.error.signedOut;
  useEffect(() => {
    if (signedOut) location.replace(signInHref(false));
  }, [signedOut]);
  if (me.isPending || signedOut)
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  if (me.error instanceof Problem && me.error.status === 403) return <NotForYou />;
  const failure = me.error !== null && <Failure error={me.error} retry={() => void me.refetch()} />;
  if (me.data === undefined) return failure;
  // Who was here stays here: a form that is half filled in, or a secret that is shown once, would be gone with the page.
  return <Shell me={me.data} failure={failure} />;
}

function Shell({ me, failure }: { readonly me: Me; readonly failure: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 230, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "md", md: "xl" }}
    >
      <AppShell.Header>
        <a className="skip" href="#content">
          Skip to content
        </a>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={opened ? "Close the menu" : "Open the menu"} />
            <Brand />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" c="dimmed" visibleFrom="xs">
              {me.email ?? me.subject}
            </Text>
            <SchemeButton />
            <form method="post" action="/logout">
              <ActionIcon type="submit" variant="subtle" color="gray" size="lg" aria-label="Sign out" title="Sign out">
                <Icon name="out" />
              </ActionIcon>
            </form>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Console" data-closed={!opened || undefined}>
        {places
          .filter(({ scope }) => me.scopes.includes(scope))
          .map(({ to, label, icon }) => (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={label}
              leftSection={<Icon name={icon} />}
              active={
                to === "/"
                  ? pathname === "/" || pathname === "/admin/" || pathname === "/admin"
                  : pathname.replace(/^\/admin/, "").startsWith(to)
              }
              onClick={close}
              variant="light"
              mb={2}
            />
          ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Stack gap={0} maw={1200} mx="auto">
          {failure}
          <Outlet />
        </Stack>
      </AppShell.Main>
    </AppShell>
  );
}

function Brand() {
  return (
    <Group gap="xs" wrap="nowrap" component="span">
      <Text component="span" c="key">
        <Icon name="key" size={24} />
      </Text>
      <Text component="span" fw={700}>
        Latchkey
      </Text>
    </Group>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => setColorScheme(other)}
      aria-label={`Use ${other} colours`}
      title={`Use ${other} colours`}
    >
      <Icon name={scheme === "dark" ? "sun" : "moon"} />
    </ActionIcon>
  );
}

/** Somebody is signed in, and may not be here: said plainly, with the two ways on. */
function NotForYou() {
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder radius="md" p="xl" maw={460}>
        <Stack>
          <Brand />
          <Title order={1} size="h3">
            This account may not use the console
          </Title>
          <Text>
            You are signed in, but you do not have the role admin. An administrator can give it to you, on the page of your user or with:
          </Text>
          <Text ff="monospace" size="sm">
            latchkey role grant EMAIL admin
          </Text>
          <Group>
            <Button component="a" href="/account">
              Go to your account
            </Button>
            <form method="post" action="/logout">
              <Button type="submit" variant="default">
                Sign out
              </Button>
            </form>
          </Group>
        </Stack>
      </Paper>
    </Center>
  );
}
