import { Button, Group, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { Sheet } from "./sheet.tsx";
import { Failure } from "./states.tsx";

interface FormProps {
  readonly title: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly action: string;
  /** Closes the form unless it rejects. */
  readonly job: () => Promise<unknown>;
  readonly children: ReactNode;
}

/** A form on top of a page. What the server does not take it says here, and the form stays. */
export function FormModal({ title, opened, onClose, action, job, children }: FormProps) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await job();
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet keep opened={opened} onClose={onClose} title={title} size="lg">
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          {children}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Sheet>
  );
}
