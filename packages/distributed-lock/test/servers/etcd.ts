import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Etcd3 } from "etcd3";
import { createEtcdStore } from "../../src/etcd/index.ts";
import type { OpenedStore, ServerKind } from "./server.ts";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";

/** One node, with elections fast enough for leases of a second. */
export const ETCD: ServerKind = {
  name: "etcd",
  missing: hasProgram("etcd") ? undefined : "no etcd (apt-get install etcd-server)",
  minTtlMs: 1_000,
  open: openStore,
  start: async () => {
    const directory = await mkdtemp(join(tmpdir(), "quorate-etcd-"));
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    const command = [
      ...["etcd", "--name", "e1", "--data-dir", join(directory, "data"), "--log-level", "error"],
      ...["--listen-client-urls", endpoint, "--advertise-client-urls", endpoint],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", `e1=${peer}`],
      ...["--heartbeat-interval", "20", "--election-timeout", "200"],
    ];
    const server = new ServerProcess(command, directory, () => isHealthy(endpoint));
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
  const client = new Etcd3({ hosts: `http://127.0.0.1:${port}` });
  const store = createEtcdStore(client, { requestTimeoutMs });
  return {
    store,
    close: async () => {
      await store.close();
      client.close();
    },
  };
}

async function isHealthy(endpoint: string): Promise<boolean> {
  const answer = await fetch(`${endpoint}/health`);
  return ((await answer.json()) as { readonly health: string }).health === "true";
}
