import type { Consensus } from "../node/consensus.ts";
import type { ClusterOptions } from "../cluster/cluster.ts";

/** What `quorate up` was asked to do. */
export interface UpOptions {
  readonly nodes?: number;
  readonly shards?: number;
  readonly consensus?: Consensus;
  readonly services?: number;
  readonly dispatchers?: number;
  readonly live: boolean;
  readonly data?: string;
  readonly port?: number;
  readonly workload: boolean;
  readonly rate: number;
  readonly once?: true;
  readonly json?: true;
  readonly orders: number;
  readonly concurrency: number;
  readonly input?: string;
  readonly seed: string;
}

export function clusterOptions(
  {
    nodes,
    shards,
    consensus,
    services,
    dispatchers,
    live,
    port,
  }: Pick<
    UpOptions,
    "nodes" | "shards" | "consensus" | "services" | "dispatchers" | "live" | "port"
  >,
  dataDirectory: string,
): ClusterOptions {
  return {
    dataDirectory,
    live,
    ...(nodes === undefined ? {} : { nodes }),
    ...(shards === undefined ? {} : { shards }),
    ...(consensus === undefined ? {} : { consensus }),
    ...(services === undefined ? {} : { services }),
    ...(dispatchers === undefined ? {} : { dispatchers }),
    ...(port === undefined ? {} : { port }),
  };
}
