// An authority of openssl's that keeps a register, revokes, and signs lists of what it revoked.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { authorityExtensions, type MadeCertificate, type Workshop } from "./certificates.ts";

export interface ListingAuthority {
  readonly certificate: MadeCertificate;
  revoke(made: MadeCertificate): void;
  /** A new list as PEM, good until so many seconds from now, and from so many on. */
  list(until?: number, from?: number, ...more: string[]): string;
}

export function listingAuthority(shop: Workshop, name: string, by?: MadeCertificate): ListingAuthority {
  const certificate = shop.make(name, { extensions: authorityExtensions, days: 365, ...(by === undefined ? {} : { by }) });
  const at = (file: string) => join(shop.folder, `${name}-${file}`);
  writeFileSync(at("index.txt"), "");
  writeFileSync(at("number"), "01\n");
  const config = [
    "[ca]",
    "default_ca=own",
    "[own]",
    `database=${at("index.txt")}`,
    `crlnumber=${at("number")}`,
    "default_md=sha256",
    "[delta]",
    "2.5.29.27=critical,DER:02:01:01",
  ];
  writeFileSync(at("ca.cnf"), config.join("\n"));
  const own = ["-config", at("ca.cnf"), "-cert", join(shop.folder, `${name}.pem`), "-keyfile", join(shop.folder, `${name}.key`)];
  return {
    certificate,
    revoke: (made) => shop.openssl("ca", ...own, "-revoke", join(shop.folder, `${made.name}.pem`)),
    list(until = 3_600, from = -3_600, ...more) {
      const stamp = (offset: number) => `${new Date(Date.now() + offset * 1_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
      const times = ["-crl_lastupdate", stamp(from), "-crl_nextupdate", stamp(until)];
      shop.openssl("ca", ...own, "-gencrl", ...times, "-out", at("list.pem"), ...more);
      return readFileSync(at("list.pem"), "utf8");
    },
  };
}
