import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "node-zookeeper-client";
import { type ConnectZooKeeper, createZooKeeperStore } from "../../src/zookeeper/index.ts";
import type { OpenedStore, ServerKind } from "./server.ts";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";

const JARS = "/usr/share/java";
/** Its manifest names what else it needs; nothing is logged. */
const CLASSPATH = `${JARS}/zookeeper.jar:${JARS}/slf4j-nop.jar`;

/** One server, with ticks short enough for sessions of half a second. */
export const ZOOKEEPER: ServerKind = {
  name: "ZooKeeper",
  missing:
    hasProgram("java") && existsSync(join(JARS, "zookeeper.jar"))
      ? undefined
      : "no ZooKeeper (apt-get install zookeeper)",
  minTtlMs: 1_000,
  open: openStore,
  start: async () => {
    const directory = await mkdtemp(join(tmpdir(), "quorate-zookeeper-"));
    const port = await freePort();
    const configuration = [
      ...["tickTime=200", "maxSessionTimeout=60000", "maxClientCnxns=0"],
      ...["admin.enableServer=false", "4lw.commands.whitelist=ruok"],
      ...[`dataDir=${directory}`, "clientPortAddress=127.0.0.1", `clientPort=${port}`],
    ];
    const file = join(directory, "zoo.cfg");
    await writeFile(file, configuration.join("\n"));
    const command = [
      ...["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", CLASSPATH],
      ...["org.apache.zookeeper.server.quorum.QuorumPeerMain", file],
    ];
    const server = new ServerProcess(command, directory, () => isOk(port));
    await server.start();
    return {
      port,
      process: server,
      stop: async () => {
        await server.kill();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
};

async function openStore(port: number, requestTimeoutMs = 5_000): Promise<OpenedStore> {
  const store = createZooKeeperStore(connectZooKeeper(port), { requestTimeoutMs });
  return { store, close: () => store.close() };
}

export function connectZooKeeper(port: number): ConnectZooKeeper {
  return (sessionTimeout) => createClient(`127.0.0.1:${port}`, { sessionTimeout, spinDelay: 50 });
}

/** By ZooKeeper's own four-letter word. */
async function isOk(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("ruok"));
    socket.on("error", reject);
    socket.on("data", (answer) => {
      socket.destroy();
      resolve(answer.toString() === "imok");
    });
    socket.on("end", () => reject(new Error("ZooKeeper closed the connection")));
  });
}
