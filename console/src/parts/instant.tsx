import { Text, Tooltip } from "@mantine/core";
import { ago, exactly } from "../words/index.ts";

/** An instant by how long ago it is, with the exact one for who looks closer. */
export function Instant({ at, none = "never" }: { readonly at: string | null; readonly none?: string }) {
  if (at === null)
    return (
      <Text size="sm" c="dimmed" component="span">
        {none}
      </Text>
    );
  return (
    <Tooltip label={exactly(at)}>
      <Text size="sm" component="time" dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {ago(at)}
      </Text>
    </Tooltip>
  );
}
