import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LoopResult } from "./closed-loop.ts";
import { ended, freePort } from "./process-cluster.ts";

const run = promisify(execFile);
const NAMES = ["e1", "e2", "e3"];

/** Debian's etcd, three nodes with their data on this disk, and a load by etcd's own client. */
export class EtcdCluster {
  readonly #load: string;
  readonly #leader: string;
  readonly #processes: readonly ChildProcess[];
  readonly #directory: string;

  private constructor(
    load: string,
    leader: string,
    processes: readonly ChildProcess[],
    directory: string,
  ) {
    this.#load = load;
    this.#leader = leader;
    this.#processes = processes;
    this.#directory = directory;
  }

  /** Builds the load (needs Go) and starts the nodes; undefined, with a printed reason, without. */
  static async start(): Promise<EtcdCluster | undefined> {
    const load = join(tmpdir(), "quorate-etcd-load");
    try {
      await run("etcd", ["--version"]);
      await run("go", ["build", "-o", load, "."], { cwd: join(import.meta.dirname, "etcd-load") });
    } catch (error) {
      console.error(`without etcd beside: it needs etcd-server and go (${String(error)})`);
      return undefined;
    }
    const directory = await mkdtemp(join(import.meta.dirname, ".data-etcd-"));
    const addresses = await Promise.all(
      NAMES.map(async (name) => ({
        name,
        peer: `http://127.0.0.1:${await freePort()}`,
        client: `http://127.0.0.1:${await freePort()}`,
      })),
    );
    const cluster = addresses.map(({ name, peer }) => `${name}=${peer}`).join(",");
    const processes = addresses.map(({ name, peer, client }) =>
      spawn(
        "etcd",
        [
          ...["--name", name, "--data-dir", join(directory, name), "--log-level", "error"],
          ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
          ...["--listen-client-urls", client, "--advertise-client-urls", client],
          ...["--initial-cluster", cluster, "--initial-cluster-state", "new"],
        ],
        { stdio: "ignore" },
      ),
    );
    const leader = await findLeader(addresses.map(({ client }) => client));
    return new EtcdCluster(load, leader, processes, directory);
  }

  /** So many puts of 256 bytes, or linearizable gets, under way at a time, to the leader. */
  async measure(callers: number, seconds: number, reads = false): Promise<LoopResult> {
    const { stdout } = await run(this.#load, [
      ...["-endpoints", this.#leader, "-callers", String(callers), "-seconds", String(seconds)],
      // etcd's own benchmark spreads 1,000 clients over 100 connections.
      ...["-connections", String(Math.ceil(callers / 10)), ...(reads ? ["-reads"] : [])],
    ]);
    return JSON.parse(stdout) as LoopResult;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map(ended));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function findLeader(clients: readonly string[]): Promise<string> {
  for (;;) {
    for (const client of clients) {
      const status = await statusOf(client);
      if (status && status.leader === status.header.member_id && status.leader !== "0")
        return client;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface EtcdStatus {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

/** Through etcd's JSON gateway; undefined while the node does not answer. */
async function statusOf(client: string): Promise<EtcdStatus | undefined> {
  try {
    const answer = await fetch(`${client}/v3/maintenance/status`, { method: "POST", body: "{}" });
    return (await answer.json()) as EtcdStatus;
  } catch {
    return undefined;
  }
}
