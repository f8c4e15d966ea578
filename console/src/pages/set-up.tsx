import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useState } from "react";
import { ask } from "../api/index.ts";
import { Failure } from "../parts/index.ts";

/** By the link of the first start: the first administrator's account. The secret is behind the `#`, which no server and no log sees. */
export function SetUp() {
  useDocumentTitle("Set up · Latchkey console");
  const [token] = useState(() => location.hash.slice(1));
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await ask("POST", "/first-admin", { body: { token, email, password } });
      location.replace("/admin");
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder radius="md" p="xl" w="100%" maw={440}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <Stack>
            <div>
              <Title order={1} size="h3">
                Make the first administrator
              </Title>
              <Text c="dimmed" size="sm" mt={4}>
                This account can see and stop everything. The link works once.
              </Text>
            </div>
            <TextInput
              label="Email"
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={({ currentTarget }) => setEmail(currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              description="At least 8 characters, none of the usual ones."
              autoComplete="new-password"
              required
              value={password}
              onChange={({ currentTarget }) => setPassword(currentTarget.value)}
              visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
            />
            {error !== undefined && <Failure error={error} />}
            <Button type="submit" loading={busy}>
              Make account
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
