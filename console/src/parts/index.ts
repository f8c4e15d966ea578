/** Pieces that several pages are made of. */
export { ConfirmProvider, useConfirm } from "./confirm.tsx";
export { Copyable } from "./copyable.tsx";
export { DataTable, type Column } from "./data-table.tsx";
export { Empty, Failure, signInHref, Waiting } from "./states.tsx";
export { EventRows, OutcomeBadge } from "./event-rows.tsx";
export { FormModal } from "./form-modal.tsx";
export { Icon, type IconName } from "./icon.tsx";
export { Instant } from "./instant.tsx";
export { Sheet, SideSheet } from "./sheet.tsx";
export { PageHead } from "./page-head.tsx";
export { useAct } from "./act.ts";
export { usePages } from "./pages-of.ts";
