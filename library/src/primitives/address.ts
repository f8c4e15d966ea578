import ipaddr from "ipaddr.js";

export type AddressRange = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads `203.0.113.0/24`, `2001:db8::/32` or a single address; undefined for anything else. */
export function parseAddressRange(text: string): AddressRange | undefined {
  if (ipaddr.isValidCIDR(text)) return plainRange(ipaddr.parseCIDR(text));
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

/** `::ffff:192.0.2.0/120` is an IPv4 range in IPv6 clothes; without this it would match nothing. */
function plainRange([address, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): AddressRange {
  const mapped = address.kind() === "ipv6" && (address as ipaddr.IPv6).isIPv4MappedAddress() && bits >= 96;
  return mapped ? [(address as ipaddr.IPv6).toIPv4Address(), bits - 96] : [address, bits];
}

/** What `parseAddressRange` allows, for messages. */
export const addressRangeForm = "an IPv4 or IPv6 address, or a range in CIDR form";

/** Whether an address lies in one of the ranges; false for what is not an address. IPv4 in IPv6 counts as IPv4. */
export function inAddressRanges(address: string, ranges: readonly AddressRange[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(([base, bits]) => parsed.kind() === base.kind() && parsed.match(base, bits));
}

/**
 * The bucket an address is counted in: itself for IPv4; for IPv6 its network of `ipv6Bits` (a multiple of 16), since one
 * client has a /64 at will.
 */
export function addressBucket(address: string, ipv6Bits = 64): string {
  if (!address.includes(":") || !ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, ipv6Bits / 16)
    .map((part) => part.toString(16))
    .join(":")}::/${ipv6Bits}`;
}

/**
 * Where an address leads, for requests that we make. `public`: somewhere on the internet. `inside`: this machine or a
 * private network (loopback, RFC 1918, RFC 4193, RFC 6598). `never`: link-local (where clouds answer with their keys),
 * multicast, reserved, tunnels that hide another address, and what is no address. IPv4 in IPv6 counts as IPv4.
 */
export function addressReach(address: string): "public" | "inside" | "never" {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return "never";
  const parsed = ipaddr.process(address);
  const range: string = parsed.range();
  if (["loopback", "private", "carrierGradeNat", "uniqueLocal"].includes(range)) return "inside";
  if (range !== "unicast") return "never";
  // Only 2000::/3 is given out as global unicast (RFC 4291 s.2.4): the rest is unassigned, or old forms that embed IPv4.
  return parsed.kind() === "ipv4" || parsed.match(ipaddr.IPv6.parse("2000::"), 3) ? "public" : "never";
}
