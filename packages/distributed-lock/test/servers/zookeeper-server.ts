import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "node-zookeeper-client";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";

const JARS = "/usr/share/java";
/** Its manifest names what else it needs; nothing is logged. */
const CLASSPATH = `${JARS}/zookeeper.jar:${JARS}/slf4j-nop.jar`;

/** Why there is no ZooKeeper here; undefined when there is. */
export const NO_ZOOKEEPER: string | undefined =
  hasProgram("java") && existsSync(join(JARS, "zookeeper.jar"))
    ? undefined
    : "no ZooKeeper (apt-get install zookeeper)";

export interface ZooKeeperServer {
  readonly process: ServerProcess;
  /** For a store: makes a client that is not connected yet. */
  readonly connect: (sessionTimeoutMs: number) => Client;
  stop(): Promise<void>;
}

/** One server, with ticks short enough for sessions of half a second. */
export async function startZooKeeper(): Promise<ZooKeeperServer> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-zookeeper-"));
  const port = await freePort();
  const configuration = [
    ...["tickTime=200", "maxSessionTimeout=60000", "maxClientCnxns=0", "admin.enableServer=false"],
    ...[`dataDir=${directory}`, "clientPortAddress=127.0.0.1", `clientPort=${port}`],
    ...["4lw.commands.whitelist=ruok"],
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
    process: server,
    connect: (sessionTimeout) => {
      return createClient(`127.0.0.1:${port}`, { sessionTimeout, spinDelay: 50, retries: 0 });
    },
    stop: async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
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
