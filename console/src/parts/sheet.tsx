import { Drawer, Group, Modal } from "@mantine/core";
import type { ReactNode } from "react";

interface SheetProps {
  readonly title: ReactNode;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: string;
  /** On top of another one. */
  readonly above?: boolean;
  /** A slip of the pointer must not close it. */
  readonly keep?: boolean;
}

/**
 * A page on top of the page. Made of the parts of a modal without its header, which would be a second banner to who hears
 * the page.
 */
export function Sheet({ title, opened, onClose, children, size = "md", above = false, keep = false }: SheetProps) {
  return (
    <Modal.Root opened={opened} onClose={onClose} size={size} zIndex={above ? 300 : 200} closeOnClickOutside={!keep} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Group justify="space-between" wrap="nowrap" p="md" pb={0}>
          <Modal.Title fw={650} fz="lg" miw={0} style={{ overflowWrap: "anywhere" }}>
            {title}
          </Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Group>
        <Modal.Body pt="sm">{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** The same from the side, for what is looked at beside the page. */
export function SideSheet({ title, opened, onClose, children }: Pick<SheetProps, "title" | "opened" | "onClose" | "children">) {
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="right" size="lg">
      <Drawer.Overlay />
      <Drawer.Content>
        <Group justify="space-between" wrap="nowrap" p="md" pb={0}>
          <Drawer.Title c="dimmed">{title}</Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
        </Group>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
