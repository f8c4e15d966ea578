const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * Escapes a text for HTML: for text, and for attribute values in double quotes; nowhere else may it stand. Control
 * characters and lone surrogates, which have no place in a page, become a visible sign.
 */
export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n\r])\p{Cc}/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => escapes[character]!);
}
