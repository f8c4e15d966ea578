import { Badge, Button, Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ask, part, type SigningKey } from "../api/index.ts";
import { DataTable, Empty, Instant, PageHead, useAct, useConfirm } from "../parts/index.ts";

const states: Readonly<Record<string, { readonly color: string; readonly words: string }>> = {
  current: { color: "key", words: "signs now" },
  next: { color: "blue", words: "signs next" },
  previous: { color: "gray", words: "still verifies" },
  withdrawn: { color: "red", words: "withdrawn" },
};

export function SigningKeys() {
  const found = useQuery({ queryKey: ["/signing-keys"], queryFn: () => ask<{ items: readonly SigningKey[] }>("GET", "/signing-keys") });
  const act = useAct();
  const confirm = useConfirm();
  return (
    <>
      <PageHead title="Signing keys" lead="What tokens are signed with. They rotate by themselves.">
        <Button
          variant="default"
          onClick={() =>
            confirm({
              title: "Rotate the signing key?",
              words: "A successor is published now and signs once verifiers had time to fetch it. No token is refused.",
              action: "Rotate",
              grave: false,
              job: () => act("POST", "/signing-keys/rotate"),
            })
          }
        >
          Rotate now
        </Button>
      </PageHead>
      <DataTable
        label="Signing keys"
        list={{ ...found, items: found.data?.items ?? [] }}
        idOf={({ id }) => id}
        empty={
          <Empty title="No signing key yet" icon="signature">
            One is made when the first token is issued.
          </Empty>
        }
        columns={[
          { title: "Key", head: true, cell: ({ id }) => <Code style={{ overflowWrap: "anywhere" }}>{id}</Code> },
          { title: "Algorithm", cell: ({ algorithm }) => algorithm },
          {
            title: "State",
            cell: ({ state }) => (
              <Badge color={states[state]?.color ?? "gray"} variant="light" tt="none">
                {states[state]?.words ?? state}
              </Badge>
            ),
          },
          { title: "Signs from", cell: ({ signsFrom }) => <Instant at={signsFrom} /> },
          { title: "Published until", cell: ({ publishedUntil }) => <Instant at={publishedUntil} none="in use" /> },
          {
            title: "Stop",
            cell: ({ id, state }) =>
              state !== "withdrawn" && (
                <Button
                  size="xs"
                  color="red"
                  variant="light"
                  onClick={() =>
                    confirm({
                      title: "Withdraw this signing key?",
                      words: "Every token that it signed is refused at once, and another key signs. For a key that has leaked.",
                      action: "Withdraw key",
                      job: () => act("DELETE", `/signing-keys/${part(id)}`),
                    })
                  }
                >
                  Withdraw
                </Button>
              ),
          },
        ]}
      />
    </>
  );
}
