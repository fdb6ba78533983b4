import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { askNodeReport } from "@quorate/reference-cluster";
import { integerBetween, systemRandom } from "@quorate/runtime";
import { createTcpTransport, type TcpAddress, type TcpTransport } from "@quorate/transport/tcp";
import { HEALTHY, Link, type LinkState } from "./link.ts";
import { NodeProcess } from "./node-process.ts";

const HOST = "127.0.0.1";
const REPORT_TIMEOUT_MS = 500;
/** Below the ports of outgoing connections: see docs/decisions/0043. */
const [FIRST_PORT, LAST_PORT] = [20_000, 31_999];

/** More of them, and a node that died is not started again: it would for ever. */
const MAX_CRASHES = 20;

/** A node that died though no fault asked for it, or lived though it had to die. */
export interface Crash {
  readonly node: string;
  readonly reason: string;
}

export interface ChaosClusterOptions {
  readonly clusterId: string;
  readonly consensus: "raft" | "paxos";
  /** How many. */
  readonly nodes: number;
  /** Where the folders of the nodes are. */
  readonly folder: string;
}

/** The nodes of a reference cluster, and a link of our own from each to each. */
export class ChaosCluster {
  readonly clusterId: string;
  /** Where clients dial the nodes, past the links. */
  readonly addresses: Readonly<Record<string, TcpAddress>>;
  readonly nodes: readonly NodeProcess[];
  readonly crashes: Crash[] = [];
  readonly #links: ReadonlyMap<string, Link>;
  readonly #transport: TcpTransport;
  readonly #killAtExit: () => void;

  private constructor(
    { clusterId, consensus, folder }: ChaosClusterOptions,
    addresses: Readonly<Record<string, TcpAddress>>,
    links: ReadonlyMap<string, Link>,
  ) {
    this.clusterId = clusterId;
    this.addresses = addresses;
    this.#links = links;
    const onDeath = (node: NodeProcess, reason: string): void => {
      this.crashes.push({ node: node.id, reason });
      if (this.crashes.length <= MAX_CRASHES) node.start();
    };
    const ids = Object.keys(addresses);
    this.nodes = ids.map((id) => {
      const peers = ids.map((peer) => {
        const port = peer === id ? addresses[id]!.port : links.get(`${id}>${peer}`)!.port;
        return `${peer}=${HOST}:${port}`;
      });
      const own = { id, directory: join(folder, id) };
      return new NodeProcess({ ...own, clusterId, peers, consensus }, onDeath);
    });
    this.#transport = createTcpTransport({ nodeId: "nemesis", clusterId, peers: addresses });
    this.#killAtExit = () => {
      this.nodes.forEach((node) => node.killNow());
      rmSync(folder, { recursive: true, force: true });
    };
    process.on("exit", this.#killAtExit);
  }

  /** Makes the links; no node runs yet. Nodes are called n1 and so on. */
  static async create(options: ChaosClusterOptions): Promise<ChaosCluster> {
    const addresses: Record<string, TcpAddress> = {};
    while (Object.keys(addresses).length < options.nodes) {
      const port = await freePort();
      if (Object.values(addresses).some((each) => each.port === port)) continue;
      addresses[`n${Object.keys(addresses).length + 1}`] = { host: HOST, port };
    }
    const links = new Map<string, Link>();
    for (const from of Object.keys(addresses)) {
      for (const [to, { port }] of Object.entries(addresses)) {
        if (from !== to) links.set(`${from}>${to}`, await Link.listen(port));
      }
    }
    return new ChaosCluster(options, addresses, links);
  }

  async start(): Promise<void> {
    await this.#transport.start();
    for (const node of this.nodes) node.start();
  }

  /** Who leads in the highest term that any node reports; undefined when nobody does. */
  async leader(): Promise<NodeProcess | undefined> {
    const reports = await Promise.all(
      this.nodes.map(({ id }) =>
        askNodeReport(this.#transport, id, REPORT_TIMEOUT_MS).catch(() => undefined),
      ),
    );
    const logs = reports.flatMap((report) => report?.shards.map(({ log }) => log) ?? []);
    const term = Math.max(0, ...logs.map((log) => log.term));
    const leads = logs.find((log) => log.role === "leader" && log.term === term);
    return this.nodes.find(({ id }) => id === leads?.nodeId);
  }

  /** Sets what becomes of bytes on the connections that `from` dialled to `to`. */
  setLink(from: string, to: string, state: LinkState): void {
    this.#links.get(`${from}>${to}`)!.state = state;
  }

  healLinks(): void {
    for (const link of this.#links.values()) link.state = HEALTHY;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all(this.nodes.map(({ volume }) => volume.unmount()));
    await this.#transport.stop();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    process.off("exit", this.#killAtExit);
  }
}

async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = integerBetween(systemRandom, FIRST_PORT, LAST_PORT);
    try {
      await once(server.listen(port, HOST), "listening");
    } catch {
      continue; // taken: another
    }
    await once(server.close(), "close");
    return port;
  }
}
