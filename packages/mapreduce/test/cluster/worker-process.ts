import { createTcpTransport } from "@quorate/transport/tcp";
import { startWorker, threadTasks } from "../../src/cluster/index.ts";
import { attemptName } from "../../src/tracker/index.ts";
import { announced, tellParent } from "./announce.ts";
import type { ToChild } from "./child-node.ts";

/** A worker in a process of its own. It learns from its parent where the others are. */
const [nodeId, folder] = process.argv.slice(2) as [string, string];
const transport = createTcpTransport({ nodeId, clusterId: "test", listen: { port: 0 } });
await transport.start();

process.on("message", ({ peers = {} }: ToChild) => {
  for (const [id, address] of Object.entries(peers)) {
    if (id !== nodeId) transport.addPeer(id, address);
  }
});
process.on("disconnect", () => process.exit());

const tasks = threadTasks();
await startWorker(
  { masters: ["master"], folder, slots: 1, heartbeatMs: 50, fetchPauseMs: 50 },
  {
    transport,
    runTask: async (request, environment) => {
      await announced(attemptName(request.work));
      return tasks.runTask(request, environment);
    },
  },
);
tellParent({ address: transport.address });
