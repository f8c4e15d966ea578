/** Read by packages that put style elements into the page: the nonce that the policy of the page allows. */
interface Window {
  __webpack_nonce__?: string;
}
