// A proxy in front of a database, which loses what a network may lose.
import { connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  readonly port: number;
  /** From now on: lets a request that holds this text through, loses its answer and cuts the connection. */
  loseAnswerTo(text: string | undefined): void;
  close(): Promise<void>;
}

export async function tcpProxy(host: string, port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let losing: string | undefined;
  const server = createServer((client) => {
    const upstream = connect(port, host);
    let lost = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on("close", cut);
    upstream.on("close", cut);
    client.on("data", (chunk) => {
      if (losing !== undefined && chunk.includes(losing)) lost = true;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => (lost ? cut() : client.write(chunk)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    loseAnswerTo: (text) => void (losing = text),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
