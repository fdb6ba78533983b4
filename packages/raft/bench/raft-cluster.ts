import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTcpTransport, type TcpTransport } from "@quorate/transport/tcp";

/** What a node's process is told. */
export interface NodeArguments {
  readonly nodeId: string;
  readonly peers: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly directory: string;
}

const NAMES = ["n1", "n2", "n3"];

/** Three nodes in processes of their own, their data on this disk, and a client here. */
export class RaftCluster {
  readonly client: TcpTransport;
  readonly leader: string;
  readonly #processes: readonly ChildProcess[];
  readonly #directory: string;

  private constructor(
    client: TcpTransport,
    leader: string,
    processes: readonly ChildProcess[],
    directory: string,
  ) {
    this.client = client;
    this.leader = leader;
    this.#processes = processes;
    this.#directory = directory;
  }

  /** `program` runs a node, by `serveBenchNode`. */
  static async start(
    program: string = fileURLToPath(new URL("node-process.ts", import.meta.url)),
  ): Promise<RaftCluster> {
    // Beside this file, since a folder for temporary files may be in memory.
    const directory = await mkdtemp(join(import.meta.dirname, ".data-"));
    const peers: Record<string, { host: string; port: number }> = {};
    for (const nodeId of NAMES) peers[nodeId] = { host: "127.0.0.1", port: await freePort() };
    const processes = NAMES.map((nodeId) =>
      startNode(program, { nodeId, peers, directory: join(directory, nodeId) }),
    );
    await Promise.all(processes.map((process) => once(process, "message")));
    const client = createTcpTransport({ nodeId: "client", clusterId: "bench", peers });
    await client.start();
    return new RaftCluster(client, await findLeader(client), processes, directory);
  }

  async stop(): Promise<void> {
    await this.client.stop();
    await Promise.all(this.#processes.map(ended));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function startNode(program: string, node: NodeArguments): ChildProcess {
  return fork(program, [JSON.stringify(node)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

async function findLeader(client: TcpTransport): Promise<string> {
  for (;;) {
    for (const name of NAMES) {
      const answer = await client.request(name, "bench/leader", new Uint8Array(0));
      if (answer.length > 0) return new TextDecoder().decode(answer);
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Asks a process to end, and waits until it has. */
export async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return;
  const exit = once(process, "exit");
  process.kill("SIGTERM");
  await exit;
}
