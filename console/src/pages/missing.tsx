import { Anchor, Center } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Empty } from "../parts/index.ts";

export function Missing() {
  return (
    <Center component="main" mih="60vh">
      <Empty title="There is nothing here">
        <Anchor component={Link} to="/">
          To the overview
        </Anchor>
      </Empty>
    </Center>
  );
}
