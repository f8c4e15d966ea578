import { OptionFault } from "../../../contracts/index.ts";
import type { PresentedSignature, WebhookScheme } from "../scheme.ts";
import { textKey } from "../secret.ts";
import { only, readBase64, readHex, readSeconds } from "../text.ts";

/** A sender that signs with HMAC in a form of its own. */
export interface HmacForm {
  /** The header with the signature: `X-Signature`. */
  readonly header: string;
  /** What stands before the signature in it: `"sha256="`. Default: nothing. */
  readonly prefix?: string;
  /** Default `sha256`. */
  readonly algorithm?: "sha256" | "sha384" | "sha512";
  /** Default `hex`. */
  readonly encoding?: "hex" | "base64";
  /** What is signed, with `{body}` once, and `{timestamp}` and `{id}` where the sender signs them. Default `"{body}"`. */
  readonly signed?: string;
  /** The header with the seconds since the epoch, where they are signed. */
  readonly timestampHeader?: string;
  /** The header with the id of the message, where it is signed. */
  readonly idHeader?: string;
}

/** Builds the scheme of such a sender. Throws an OptionFault. */
export function hmac(form: HmacForm): WebhookScheme {
  const header = checkHeader("scheme.header", form.header);
  const timestampHeader = form.timestampHeader === undefined ? undefined : checkHeader("scheme.timestampHeader", form.timestampHeader);
  const idHeader = form.idHeader === undefined ? undefined : checkHeader("scheme.idHeader", form.idHeader);
  const algorithm = checkChoice("scheme.algorithm", form.algorithm ?? "sha256", ["sha256", "sha384", "sha512"]);
  const encoding = checkChoice("scheme.encoding", form.encoding ?? "hex", ["hex", "base64"]);
  const [before, after] = checkSigned(form.signed ?? "{body}", timestampHeader !== undefined, idHeader !== undefined);
  const prefix = form.prefix ?? "";
  return {
    name: "hmac",
    header,
    read(signature, view): PresentedSignature | string {
      const timestamp = timestampHeader === undefined ? "" : only(view.header(timestampHeader));
      const messageId = idHeader === undefined ? "" : only(view.header(idHeader));
      const sentAt = readSeconds(timestamp);
      if (timestampHeader !== undefined && sentAt === undefined) return `${timestampHeader} is not one number of seconds`;
      if (messageId === undefined || messageId.length > 256) return `${idHeader} is not one text of at most 256 characters`;
      const text = signature.startsWith(prefix) ? signature.slice(prefix.length) : "";
      const bytes = encoding === "hex" ? readHex(text) : readBase64(text);
      if (bytes === undefined) return `${header} is not ${prefix}${encoding}`;
      const fill = (part: string): string => part.replaceAll("{timestamp}", timestamp ?? "").replaceAll("{id}", () => messageId);
      return {
        messageId: messageId === "" ? undefined : messageId,
        sentAt,
        before: fill(before),
        after: fill(after),
        signatures: [{ kind: "hmac", bytes }],
      };
    },
    key: (secret) => textKey(secret, algorithm),
  };
}

function checkHeader(option: string, name: unknown): string {
  if (typeof name === "string" && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/.test(name)) return name.toLowerCase();
  throw new OptionFault(option, { got: name, allowed: "the name of a header", example: '"X-Signature"' });
}

function checkChoice<const T extends string>(option: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new OptionFault(option, { got: value, allowed: choices.join(", "), example: JSON.stringify(choices[0]) });
}

/** A part that is signed must be sent, and one that is sent must be signed: unsigned, anybody may change it. */
function checkSigned(signed: string, timestamp: boolean, id: boolean): readonly [string, string] {
  const parts = typeof signed === "string" ? signed.split("{body}") : [];
  const fits = parts.length === 2 && signed.includes("{timestamp}") === timestamp && signed.includes("{id}") === id;
  if (fits) return [parts[0]!, parts[1]!];
  throw new OptionFault("scheme.signed", {
    got: signed,
    allowed: "{body} once, {timestamp} exactly if there is a timestampHeader, {id} exactly if there is an idHeader",
    example: '"{timestamp}.{body}"',
  });
}
