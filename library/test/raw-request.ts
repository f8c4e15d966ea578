import { connect, type Socket } from "node:net";

/** Sends text as it is, one piece after the other, and answers with everything that came back until the connection closed. */
export function rawExchange(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = opened(port, pieces);
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => (answer += chunk));
    socket.on("close", () => resolve(answer));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? resolve(answer) : reject(error),
    );
  });
}

/** Sends the second text when the first was answered, and answers with everything that came back until the connection closed. */
export function rawDialogue(port: number, first: string, second: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = opened(port, [first]);
    let answer = "";
    socket.setEncoding("latin1");
    socket.once("data", () => socket.write(second));
    socket.on("data", (chunk: string) => (answer += chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
  });
}

/** Sends text and hangs up without waiting for an answer. */
export function hangUp(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = opened(port, [text], () => socket.destroy());
    socket.on("close", () => resolve());
    socket.on("error", () => undefined);
  });
}

function opened(port: number, pieces: readonly (string | Uint8Array)[], sent?: () => void): Socket {
  const socket = connect(port, "127.0.0.1", () => {
    for (const [index, piece] of pieces.entries()) socket.write(piece, index === pieces.length - 1 ? sent : undefined);
  });
  return socket;
}

/** A GET with these header lines, and `Connection: close`. */
export async function rawStatus(port: number, path: string, lines: readonly string[]): Promise<number> {
  const head = [`GET ${path} HTTP/1.1`, "Host: localhost", ...lines, "Connection: close", "", ""].join("\r\n");
  return Number((await rawExchange(port, Buffer.from(head, "latin1"))).slice(9, 12));
}
