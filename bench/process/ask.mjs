// @ts-check
// Asks over kept connections, from this process: for loads that are small beside what they cost the server.
import http from "node:http";

/** @param {number} port @param {number} connections */
export function createAsker(port, connections) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  /**
   * @param {{ method?: string, path: string, headers?: Record<string, string>, json?: unknown, body?: string }} request
   * @returns {Promise<{ status: number, text: string, ms: number, headers: http.IncomingHttpHeaders }>}
   */
  const ask = ({ method = "GET", path, headers = {}, json, body = json === undefined ? undefined : JSON.stringify(json) }) =>
    new Promise((resolve, reject) => {
      const type = json === undefined ? {} : { "Content-Type": "application/json" };
      const lengths = body === undefined ? {} : { ...type, "Content-Length": Buffer.byteLength(body) };
      const startedAt = performance.now();
      const sent = http.request({ port, host: "127.0.0.1", agent, method, path, headers: { ...headers, ...lengths } }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => (text += chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, ms: performance.now() - startedAt }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return { ask, close: () => agent.destroy() };
}
