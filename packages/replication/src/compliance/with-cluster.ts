import { Ledger } from "./ledger.ts";
import { ClusterUnderTest, type LogClusterFactory } from "./log-cluster.ts";

export const MAX_COMMAND_BYTES = 1_000;
export const SESSION_TTL_MS = 60_000;

/** Runs a case against a cluster of its own, which is stopped whatever happens. */
export function withCluster(
  factory: LogClusterFactory,
  run: (cluster: ClusterUnderTest) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const cluster = await factory({
      size: 3,
      createMachine: () => new Ledger(),
      sessions: { sessionTtlMs: SESSION_TTL_MS },
      maxCommandBytes: MAX_COMMAND_BYTES,
    });
    try {
      await run(new ClusterUnderTest(cluster));
    } finally {
      await cluster.stop();
    }
  };
}
