import type { TcpTransport } from "@quorate/transport/tcp";
import { ProcessCluster } from "./process-cluster.ts";

/** Three Raft nodes, one of which leads. */
export class RaftCluster {
  readonly leader: string;
  readonly #cluster: ProcessCluster;

  private constructor(cluster: ProcessCluster, leader: string) {
    this.#cluster = cluster;
    this.leader = leader;
  }

  /** `program` runs a node, by `serveBenchNode`. */
  static async start(
    program: URL = new URL("node-process.ts", import.meta.url),
  ): Promise<RaftCluster> {
    const cluster = await ProcessCluster.start(program);
    return new RaftCluster(cluster, await findLeader(cluster));
  }

  get client(): TcpTransport {
    return this.#cluster.client;
  }

  stop(): Promise<void> {
    return this.#cluster.stop();
  }
}

async function findLeader({ client, names }: ProcessCluster): Promise<string> {
  for (;;) {
    for (const name of names) {
      const answer = await client.request(name, "bench/leader", new Uint8Array(0));
      if (answer.length > 0) return new TextDecoder().decode(answer);
    }
  }
}
