/** As much of DER (X.690) as it takes to write a certificate. */

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError("no element of a certificate is that long");
  return Buffer.concat([Buffer.from(head), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts);
export const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0]));
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text, "utf8"));
/** `[tag]` around what is there, and `[tag]` in place of its own tag. */
export const explicit = (tag: number, content: Uint8Array): Buffer => element(0xa0 | tag, content);
export const implicit = (tag: number, content: Uint8Array): Buffer => element(0x80 | tag, content);

/** The last `unused` bits of it mean nothing. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.from([unused]), bytes);

/** A whole number above zero: big-endian bytes, the first of them not zero. */
export const integer = (bytes: Uint8Array): Buffer => element(0x02, Buffer.from(bytes[0]! >= 0x80 ? [0] : []), bytes);

/** An object identifier, as in `2.5.4.3`. */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes = [first! * 40 + second!];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return element(0x06, Buffer.from(bytes));
}

/** An instant, to the second: two digits of the year until 2049, four from then on (RFC 5280 s.4.1.2.5). */
export function time(at: number): Buffer {
  const text = `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  return text < "2050" ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text));
}
