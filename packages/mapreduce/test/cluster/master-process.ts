import { createTcpTransport } from "@quorate/transport/tcp";
import {
  clusterJob,
  type ClusterJobOptions,
  fileJournal,
  startMaster,
} from "../../src/cluster/index.ts";
import { attemptName } from "../../src/tracker/index.ts";
import { announced, tellParent } from "./announce.ts";

/** A master in a process of its own, on a port and a journal that another one may have had before. */
const [nodeId, port, journal, module, options] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const transport = createTcpTransport({ nodeId, clusterId: "test", listen: { port: Number(port) } });
await transport.start();
process.on("disconnect", () => process.exit());
tellParent({ address: transport.address });

const { job, plan, output } = clusterJob(module, JSON.parse(options) as ClusterJobOptions);
const master = await startMaster(
  // No backups: the test holds tasks back, which makes them slow.
  { job, plan, heartbeatMs: 50, tracker: { speculation: false } },
  {
    transport,
    journal: fileJournal(journal),
    output: {
      ...output,
      commit: async (attempt) => {
        await output.commit(attempt);
        await announced(`committed ${attemptName(attempt)}`);
      },
    },
  },
);
tellParent({ totals: await master.result });
