/** Refresh tokens: opaque, rotated at each use, in families that end together. For apps of one's own and for OAuth clients. */
export { createFamilies, type DraftedFamily, type FamilyParts, type NewFamily, type Refreshed, type RefreshFamilies } from "./families.ts";
export { refreshRefusals } from "./refusals.ts";
export { endFamilies, refreshTables } from "./table.ts";
