import { Box, Button, Center, Paper, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import { Failure, Waiting } from "./states.tsx";

export interface Column<Item> {
  readonly title: string;
  readonly cell: (item: Item) => ReactNode;
  /** On a phone, where a row is a card, it stands on top without its title. */
  readonly head?: boolean;
}

interface Listing<Item> {
  readonly items: readonly Item[];
  readonly isPending: boolean;
  readonly error: unknown;
  readonly refetch: () => unknown;
  readonly hasNextPage?: boolean;
  readonly isFetchingNextPage?: boolean;
  /** What failed is the next page: the rows before it are right. */
  readonly isFetchNextPageError?: boolean;
  readonly fetchNextPage?: () => unknown;
}

interface TableProps<Item> {
  /** What the table holds, for who hears it. */
  readonly label: string;
  readonly list: Listing<Item>;
  readonly columns: readonly Column<Item>[];
  readonly idOf: (item: Item) => string;
  readonly empty: ReactNode;
}

/** Rows of one kind: a table, or cards where it is narrow. */
export function DataTable<Item>({ label, list, columns, idOf, empty }: TableProps<Item>) {
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  if (list.isPending) return <Framed>{<Waiting />}</Framed>;
  const failed = list.error !== null && list.error !== undefined;
  const nextFailed = list.isFetchNextPageError === true;
  const again = () => void (nextFailed ? list.fetchNextPage?.() : list.refetch());
  const failure = failed && <Failure error={list.error} retry={again} />;
  if (list.items.length === 0) return failed ? failure : <Framed>{empty}</Framed>;
  return (
    <Stack gap="sm">
      {!nextFailed && failure}
      <Framed>{narrow ? <Cards {...{ label, list, columns, idOf }} /> : <Rows {...{ label, list, columns, idOf }} />}</Framed>
      {nextFailed && failure}
      {list.hasNextPage === true && !nextFailed && (
        <Center>
          <Button variant="default" loading={list.isFetchingNextPage === true} onClick={() => void list.fetchNextPage?.()}>
            Show more
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function Framed({ children }: { readonly children: ReactNode }) {
  return (
    <Paper withBorder radius="md" style={{ overflow: "hidden" }}>
      {children}
    </Paper>
  );
}

type Parts<Item> = Omit<TableProps<Item>, "empty">;

function Rows<Item>({ label, list, columns, idOf }: Parts<Item>) {
  return (
    <Table.ScrollContainer minWidth={640} type="native" tabIndex={0} role="region" aria-label={label}>
      <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title }) => (
              <Table.Th key={title} scope="col">
                <Text size="xs" c="dimmed" fw={600} component="span">
                  {title}
                </Text>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.items.map((item) => (
            <Table.Tr key={idOf(item)}>
              {columns.map(({ title, cell, head }) => (
                <Table.Td key={title}>{head === true ? <div className="row-head">{cell(item)}</div> : cell(item)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Cards<Item>({ label, list, columns, idOf }: Parts<Item>) {
  return (
    <Box component="ul" aria-label={label} m={0} p={0} style={{ listStyle: "none" }}>
      {list.items.map((item) => (
        <Box component="li" key={idOf(item)} p="md" className="card-row">
          <Stack gap={6}>
            {columns.map(({ title, cell, head }) =>
              head === true ? (
                <Box key={title} style={{ overflowWrap: "anywhere" }}>
                  {cell(item)}
                </Box>
              ) : (
                <Box key={title} className="card-line">
                  <Text size="xs" c="dimmed" component="span">
                    {title}
                  </Text>
                  <Box>{cell(item)}</Box>
                </Box>
              ),
            )}
          </Stack>
        </Box>
      ))}
    </Box>
  );
}
