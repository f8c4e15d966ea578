import { type AddressMatcher, OptionFault } from "../../contracts/index.ts";
import { type AddressRange, addressRangeForm, inAddressRanges, parseAddressRange } from "../../primitives/index.ts";

/**
 * Compiles an allow-list of addresses and CIDR ranges. Throws an OptionFault that names the option for anything else.
 * Remembers its last answer, since one credential is mostly used from one place.
 */
export function addressMatcher(list: readonly string[], option: string): AddressMatcher {
  const ranges = list.map((text): AddressRange => {
    const range = typeof text === "string" ? parseAddressRange(text) : undefined;
    if (range === undefined) throw new OptionFault(option, { got: text, allowed: addressRangeForm, example: '["203.0.113.0/24"]' });
    return range;
  });
  let lastAddress: string | undefined;
  let lastAnswer = false;
  return {
    text: list.join(", "),
    matches(address) {
      if (address !== lastAddress) {
        lastAnswer = inAddressRanges(address, ranges);
        lastAddress = address;
      }
      return lastAnswer;
    },
  };
}
