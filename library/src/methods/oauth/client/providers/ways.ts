import { Agent, request as plainRequest } from "node:http";

/** How a request is sent: by which protocol, and over whose connections. False: over one of its own, that nothing else comes over. */
export interface Way {
  readonly request: typeof plainRequest;
  readonly agent: Agent | false;
}

export interface Ways {
  to(url: URL): Promise<Way>;
  /** Ends the connections that are kept for the next request. Those under way are left to end, and a next one makes a new one. */
  close(): void;
}

/** As Node keeps them for everybody: the one that was used last first, and for five seconds at most. */
const kept = { keepAlive: true, scheduling: "lifo", timeout: 5_000 } as const;

/** The connections to one provider: nobody else's settings hold for them, and they end with the house. */
export function createWays(): Ways {
  const ways = new Map<string, Way & { readonly agent: Agent }>();

  async function make(protocol: string): Promise<Way & { readonly agent: Agent }> {
    if (protocol !== "https:") return { request: plainRequest, agent: new Agent(kept) };
    // TLS is loaded for whoever needs it.
    const { Agent: TlsAgent, request } = await import("node:https");
    return { request, agent: new TlsAgent(kept) };
  }

  return {
    async to({ protocol }) {
      const way = ways.get(protocol) ?? (await make(protocol));
      // Another may have made it meanwhile.
      if (!ways.has(protocol)) ways.set(protocol, way);
      return ways.get(protocol)!;
    },
    close() {
      for (const { agent } of ways.values())
        for (const idle of Object.values(agent.freeSockets)) for (const socket of idle ?? []) socket.destroy();
    },
  };
}
