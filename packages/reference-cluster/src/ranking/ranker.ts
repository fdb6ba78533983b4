import { startWorker, threadTasks } from "@quorate/mapreduce/cluster";
import { createTcpTransport, type TcpAddress } from "@quorate/transport/tcp";

/** The node of the master, at which workers report. */
export const MASTER = "master";

/** What the process of a worker is told when it is started. */
export interface RankerOptions {
  readonly workerId: string;
  readonly clusterId: string;
  /** Where the master and all workers listen, itself included. */
  readonly peers: Readonly<Record<string, TcpAddress>>;
  /** Its own, for what goes from map to reduce. */
  readonly folder: string;
}

/** More often than by default: a ranking takes seconds. */
export const HEARTBEAT_MS = 100;

/** One worker of a ranking. It keeps nothing: another one can do its work again. */
export async function startRanker({
  workerId,
  clusterId,
  peers,
  folder,
}: RankerOptions): Promise<{ stop(): Promise<void> }> {
  const { port } = peers[workerId]!;
  const transport = createTcpTransport({ nodeId: workerId, clusterId, listen: { port }, peers });
  await transport.start();
  const tasks = threadTasks();
  const worker = await startWorker(
    { masters: [MASTER], folder, heartbeatMs: HEARTBEAT_MS },
    { transport, runTask: tasks.runTask },
  );
  return {
    stop: async () => {
      await worker.stop();
      await tasks.stop();
      await transport.stop();
    },
  };
}
