import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Latchkey } from "latchkey";
import { type Configuration, issuerOn, lacksTls, localUrl, readSecrets, makeDataFolder } from "./configuration/index.ts";
import { lockDataFolder } from "./data-lock.ts";
import { databaseOf } from "./database.ts";
import { createHandler, createListener, loggingRequests } from "./http/index.ts";
import { lastResort, stopSignal } from "./lifecycle.ts";
import { listenForCommands, socketPath } from "./local-socket.ts";
import { createLog, decisionFacts, faultFacts, type Log } from "./log/index.ts";
import { createServerMetrics, type ServerMetrics } from "./metrics/index.ts";
import { openLatchkey } from "./open.ts";
import type { Order, Outcome } from "./outcome.ts";
import { readTlsFiles, type TlsFiles, tlsOptions, watchTlsFiles } from "./tls/index.ts";
import { UsageError } from "./usage.ts";
import { welcome } from "./welcome.ts";

/** Serves until it is told to stop, and resolves when everything is answered, written and closed. */
export async function serve(configuration: Configuration, perform: (auth: Latchkey, order: Order) => Promise<Outcome>): Promise<void> {
  const terminal = process.stdout.isTTY;
  const log = createLog({ level: configuration.logLevel, terminal });
  const metrics = createServerMetrics();
  // In the order in which they are undone, last first: whatever fails at the start, nothing is left open.
  const undo: (() => unknown)[] = [];
  try {
    const files = readTlsFiles(configuration, Date.now());
    const { server, answerWith, drain } = createListener({}, files && tlsOptions(files));
    server.on("drop", () => metrics.countDropped());
    const port = await listen(server, configuration);
    let answering = false;
    // A start that failed answers nobody: those who wait for it are let go.
    undo.push(() => (answering ? drain() : letGo(server)));
    const secrets = readSecrets(configuration);
    makeDataFolder(configuration.data);
    undo.push(lockDataFolder(configuration.data));
    const database = databaseOf(configuration);
    const first = database.kind === "sqlite" && !existsSync(database.path);
    const issuer = issuerOn(configuration, port);
    const auth = await openLatchkey(configuration, { issuer, secrets, serving: true, ...reporting(log, metrics) });
    undo.push(() => auth.close());
    lastResort(log, auth);
    const path = socketPath(configuration);
    const commandServer = await listenForCommands(path, (order) => perform(auth, order));
    undo.push(() => closeSocket(commandServer, path));
    const handler = createHandler({ auth, metrics, development: configuration.development });
    answering = true;
    answerWith(log.writes("debug") ? loggingRequests(handler, auth, log) : handler);

    if (files !== undefined && "setSecureContext" in server)
      undo.push(watchTlsFiles({ configuration, server, files, onHangUp: !terminal, ...reportingTls(log, metrics, files) }));
    if (lacksTls(configuration))
      log.write(
        "warn",
        `${configuration.origins.issuer} is https, and this server has neither a certificate (LATCHKEY_TLS_CERT) nor a proxy that it trusts (LATCHKEY_TRUST_PROXY): every request counts as plain http, from the address of the connection`,
      );
    if (!configuration.development && configuration.values.smtpUrl === undefined)
      log.write(
        "warn",
        "LATCHKEY_SMTP_URL is not set: no mail is sent, so forgotten passwords are not replaced and addresses not confirmed",
      );
    const start = {
      url: localUrl(configuration, port),
      issuer,
      first,
      development: configuration.development,
      authority: authorityOf(configuration, files),
    };
    if (start.development || terminal) process.stdout.write(await welcome(auth, start));
    else log.write("info", `Latchkey listens on ${start.url}`, { issuer, host: configuration.host, port });
    const signal = await stopSignal();
    if (!start.development) log.write("info", "stopping", { signal });
  } finally {
    await close(undo, log);
  }
}

/** First the doors, then the requests under way, then the stores. */
async function close(undo: readonly (() => unknown)[], log: Log): Promise<void> {
  const [closeDoor, unlock, ...rest] = undo;
  await closeDoor?.();
  for (const step of rest.toReversed()) await step();
  unlock?.();
  await log.flush();
}

function listen(server: Server, { host, port, origins }: Configuration): Promise<number> {
  const portName = origins.port ?? "--port";
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenProblem(error, host, port, portName)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number, portName: string): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new UsageError(`port ${port} is in use on ${host}. Choose another with ${portName}, or 0 for any free one.`);
    case "EACCES":
      return new UsageError(`this user may not listen on port ${port}. Choose one from 1024 on with ${portName}.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new UsageError(`${JSON.stringify(host)} is no address of this machine. Choose another with --host. Example: 127.0.0.1`);
    default:
      return error;
  }
}

/** What the gate tells, as lines of the log and counts. */
function reporting(log: Log, metrics: ServerMetrics) {
  return {
    onDecision: log.writes("info")
      ? (event: Parameters<typeof decisionFacts>[0]) => log.write("info", "refused", decisionFacts(event))
      : () => undefined,
    onWarning: (message: string) => log.write("warn", message),
    onFault(error: unknown, requestId?: string) {
      const facts = { ...(requestId === undefined ? {} : { requestId }), ...faultFacts(error) };
      metrics.countFault(error);
      log.write("error", requestId === undefined ? "fault in the background" : "fault, answered 503", facts);
    },
  };
}

/** The development authority, where the server's certificate is of it. */
function authorityOf({ data }: Configuration, files: TlsFiles | undefined): string | undefined {
  const file = join(data, "certificates", "ca.pem");
  if (files === undefined || !existsSync(file)) return undefined;
  return files.certificate.verify(new X509Certificate(readFileSync(file)).publicKey) ? file : undefined;
}

/** The certificate that is in use, and those that cannot be. */
function reportingTls(log: Log, metrics: ServerMetrics, files: TlsFiles) {
  const inUse = ({ certificate, warnings }: TlsFiles): void => {
    metrics.certificateInUse(Date.parse(certificate.validTo));
    for (const warning of warnings) log.write("warn", warning);
  };
  inUse(files);
  return {
    taken(found: TlsFiles) {
      inUse(found);
      log.write("info", "new certificate files are in use", { serial: found.certificate.serialNumber, expires: found.certificate.validTo });
    },
    refused({ message }: Error) {
      metrics.countTlsRefused();
      log.write("error", "new certificate files cannot be used; the old ones stay in use", { problem: message });
    },
  };
}

function closeSocket(server: Server, path: string): void {
  server.close();
  rmSync(path, { force: true });
}

function letGo(server: Server): void {
  server.close();
  server.closeAllConnections();
}
