// How a secret may look where it must not be found: as it is, and in the clothes in which it travels.

/** The forms in which a secret is searched for: plain, base64 and base64url (at any offset), percent-encoded, hexadecimal. */
export function formsOf(secret: string | Buffer): readonly string[] {
  const bytes = Buffer.from(secret as string);
  const plain = bytes.toString("latin1");
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // The characters at both ends depend on the neighbours of the secret.
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  const forms = [plain, ...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")), percent(bytes)];
  return [...new Set([...forms, bytes.toString("hex")])].filter((form) => form.length >= 8);
}

/** As `encodeURIComponent` writes it; bytes that are no UTF-8 as well. */
function percent(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      encodeURIComponent(String.fromCharCode(byte & 0x7f)).length === 1 && byte < 0x80
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}
