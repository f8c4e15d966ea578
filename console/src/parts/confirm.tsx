import { Button, Group, Stack, Text } from "@mantine/core";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { Sheet } from "./sheet.tsx";
import { Failure } from "./states.tsx";

interface Question {
  /** `Revoke key ci-deploy?` */
  readonly title: string;
  /** What will be so afterwards. */
  readonly words: ReactNode;
  /** The words on the button. */
  readonly action: string;
  /** It stops or ends something. */
  readonly grave?: boolean;
  readonly job: () => Promise<unknown>;
}

const Context = createContext<(question: Question) => void>(() => undefined);

/** Asks before something is done that somebody else will feel. */
export const useConfirm = () => useContext(Context);

export function ConfirmProvider({ children }: { readonly children: ReactNode }) {
  const [question, setQuestion] = useState<Question>();
  const [opened, setOpened] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const ask = useMemo(
    () => (next: Question) => {
      setError(undefined);
      setQuestion(next);
      setOpened(true);
    },
    [],
  );
  const run = async () => {
    setBusy(true);
    try {
      await question?.job();
      setOpened(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  // Until it is known how it came out, the question stays: nobody would hear of a refusal.
  const close = () => busy || setOpened(false);
  const grave = question?.grave !== false;
  return (
    <Context value={ask}>
      {children}
      <Sheet above opened={opened} onClose={close} title={question?.title}>
        <Stack>
          <Text component="div">{question?.words}</Text>
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" disabled={busy} onClick={close} data-autofocus={grave || undefined}>
              Cancel
            </Button>
            <Button color={grave ? "red" : undefined} loading={busy} onClick={() => void run()} data-autofocus={!grave || undefined}>
              {question?.action}
            </Button>
          </Group>
        </Stack>
      </Sheet>
    </Context>
  );
}
