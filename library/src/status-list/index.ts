/** Token Status List (draft-ietf-oauth-status-list): one bit says of each token whether it is revoked, here and outside. */
export { blockSize, listSize } from "./bits.ts";
export { statusListEndpoints, statusListRefusals } from "./endpoints.ts";
export { packStatusList, type StatusList, statusListType, unpackStatusList } from "./list-token.ts";
export { longestListToken, openStatusList } from "./open-list.ts";
export { referenceOf, type StatusReference } from "./reference.ts";
export { createStatusLists, type StatusLists } from "./status-lists.ts";
export { type StatusListTables, statusListTables } from "./table.ts";
export { createStatusWatch, type StatusWatch } from "./watch.ts";
