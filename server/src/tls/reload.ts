import { statSync } from "node:fs";
import type { Server } from "node:tls";
import { systemClock } from "latchkey";
import type { Configuration } from "../configuration/index.ts";
import { UsageError } from "../usage.ts";
import { readTlsFiles, type TlsFiles } from "./files.ts";
import { secureContextOf } from "./options.ts";

interface ReloadParts {
  readonly configuration: Configuration;
  readonly server: Server;
  /** What is in use now. */
  readonly files: TlsFiles;
  /** Whether SIGHUP asks for it: in a terminal that signal says that the terminal has gone. */
  readonly onHangUp: boolean;
  readonly taken: (files: TlsFiles) => void;
  /** The new files cannot be used; the old ones stay. Told once for each change. */
  readonly refused: (problem: Error) => void;
}

const lookEveryMs = 1_000;

/**
 * Takes new files of TLS while the server runs, when they have changed and at SIGHUP. Connections that are there keep what they
 * have; new ones get the new certificate, and none is turned away between. Gives what ends the watch.
 */
export function watchTlsFiles({ configuration, server, files, onHangUp, taken, refused }: ReloadParts): () => void {
  let stamp = stampOf(configuration);
  let seen = stamp;
  let inUse = files;

  const renew = (): void => {
    stamp = stampOf(configuration);
    try {
      const found = readTlsFiles(configuration, systemClock.now())!;
      refuseWorse(found, inUse);
      server.setSecureContext(secureContextOf(found));
      inUse = found;
      taken(found);
    } catch (error) {
      refused(error as Error);
    }
  };
  const look = (): void => {
    const now = stampOf(configuration);
    // Certificate and key are two files: they are read once nobody writes to them any more.
    const still = now === seen;
    seen = now;
    if (still && now !== stamp) renew();
  };

  const timer = setInterval(look, lookEveryMs).unref();
  if (onHangUp) process.on("SIGHUP", renew);
  return () => {
    clearInterval(timer);
    process.off("SIGHUP", renew);
  };
}

/** Files of other places are looked through their links, which is how Kubernetes changes them. */
function stampOf({ values: { tlsCert, tlsKey, clientCa } }: Configuration): string {
  return [tlsCert, tlsKey, clientCa]
    .map((file) => (file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })))
    .map((found) => (found === undefined ? "none" : `${found.mtimeMs} ${found.size} ${found.ino}`))
    .join(", ");
}

/** A certificate that has run out does not replace one that has not. */
function refuseWorse({ certificate }: TlsFiles, { certificate: old }: TlsFiles): void {
  const at = systemClock.now();
  if (Date.parse(certificate.validTo) < at && Date.parse(old.validTo) >= at)
    throw new UsageError(`the new certificate expired on ${certificate.validTo}, and the old one has not.`);
}
