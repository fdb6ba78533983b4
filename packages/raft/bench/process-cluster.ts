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
export class ProcessCluster {
  readonly names: readonly string[] = NAMES;
  readonly client: TcpTransport;
  readonly #processes: ReadonlyMap<string, ChildProcess>;
  readonly #directory: string;

  private constructor(
    client: TcpTransport,
    processes: ReadonlyMap<string, ChildProcess>,
    directory: string,
  ) {
    this.client = client;
    this.#processes = processes;
    this.#directory = directory;
  }

  /** `program` is given `NodeArguments`, and says when it is ready. Its data is beside it. */
  static async start(program: URL): Promise<ProcessCluster> {
    // Beside the program, since a folder for temporary files may be in memory.
    const directory = await mkdtemp(fileURLToPath(new URL(".data-", program)));
    const peers: Record<string, { host: string; port: number }> = {};
    for (const nodeId of NAMES) peers[nodeId] = { host: "127.0.0.1", port: await freePort() };
    const processes = new Map(
      NAMES.map((nodeId) => {
        const node: NodeArguments = { nodeId, peers, directory: join(directory, nodeId) };
        return [nodeId, startNode(program, node)] as const;
      }),
    );
    await Promise.all([...processes.values()].map((process) => once(process, "message")));
    const client = createTcpTransport({ nodeId: "client", clusterId: "bench", peers });
    await client.start();
    return new ProcessCluster(client, processes, directory);
  }

  /** As by a machine that is gone, except that its system still closes the connections. */
  kill(name: string): void {
    this.#processes.get(name)!.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.client.stop();
    await Promise.all([...this.#processes.values()].map(ended));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function startNode(program: URL, node: NodeArguments): ChildProcess {
  return fork(fileURLToPath(program), [JSON.stringify(node)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
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
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, "exit");
  process.kill("SIGTERM");
  await exit;
}
