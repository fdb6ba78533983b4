import type { TcpAddress } from "@quorate/transport/tcp";
import { HEALTHY, Link } from "../link.ts";
import { pause } from "../pause.ts";

const CUT = { forth: "blocked", back: "blocked", delayMs: 0 } as const;

/** What one client reaches the nodes by: so it can be cut off from all of them. */
export class ClientLinks {
  readonly addresses: Readonly<Record<string, TcpAddress>>;
  readonly #links: readonly Link[];

  private constructor(addresses: Readonly<Record<string, TcpAddress>>, links: readonly Link[]) {
    this.addresses = addresses;
    this.#links = links;
  }

  static async listen(nodes: Readonly<Record<string, TcpAddress>>): Promise<ClientLinks> {
    const addresses: Record<string, TcpAddress> = {};
    const links: Link[] = [];
    for (const [id, { host, port }] of Object.entries(nodes)) {
      const link = await Link.listen(port);
      links.push(link);
      addresses[id] = { host, port: link.port };
    }
    return new ClientLinks(addresses, links);
  }

  /** What is sent meanwhile arrives when the time is over, or `signal` aborts. */
  async cut(forMs: number, signal: AbortSignal): Promise<void> {
    for (const link of this.#links) link.state = CUT;
    await pause(forMs, signal);
    for (const link of this.#links) link.state = HEALTHY;
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()));
  }
}
