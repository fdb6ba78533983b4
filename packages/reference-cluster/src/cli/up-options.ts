import type { ClusterOptions } from "../cluster/cluster.ts";

/** What `quorate up` was asked to do. */
export interface UpOptions {
  readonly nodes?: number;
  readonly shards?: number;
  readonly services?: number;
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
  { nodes, shards, services, port }: Pick<UpOptions, "nodes" | "shards" | "services" | "port">,
  dataDirectory: string,
): ClusterOptions {
  return {
    dataDirectory,
    ...(nodes === undefined ? {} : { nodes }),
    ...(shards === undefined ? {} : { shards }),
    ...(services === undefined ? {} : { services }),
    ...(port === undefined ? {} : { port }),
  };
}
