import { KvError } from "@quorate/kv";
import type { ChaosCluster } from "../chaos-cluster.ts";

/** Of a call to the healed cluster that failed. @throws what is not the cluster's. */
export function noteUnavailable({ crashes }: ChaosCluster, error: unknown): undefined {
  if (!(error instanceof KvError)) throw error;
  const reason = `the healed cluster does not serve: ${error.message}`;
  crashes.push({ node: "all", reason });
}
