import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Etcd3 } from "etcd3";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";

/** Why there is no etcd here; undefined when there is. */
export const NO_ETCD: string | undefined = hasProgram("etcd")
  ? undefined
  : "no etcd (apt-get install etcd-server)";

/** Why etcd's own client is not here; undefined when it is. */
export const NO_ETCDCTL: string | undefined = hasProgram("etcdctl")
  ? NO_ETCD
  : "no etcdctl (apt-get install etcd-client)";

export interface EtcdServer {
  readonly endpoint: string;
  readonly process: ServerProcess;
  client(): Etcd3;
  stop(): Promise<void>;
}

/** One node, with elections fast enough for leases of a second. */
export async function startEtcd(): Promise<EtcdServer> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-etcd-"));
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const command = [
    ...["etcd", "--name", "e1", "--data-dir", join(directory, "data"), "--log-level", "error"],
    ...["--listen-client-urls", endpoint, "--advertise-client-urls", endpoint],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
    ...[
      "--initial-cluster",
      `e1=${peer}`,
      "--heartbeat-interval",
      "20",
      "--election-timeout",
      "200",
    ],
  ];
  const server = new ServerProcess(command, directory, () => isHealthy(endpoint));
  await server.start();
  return {
    endpoint,
    process: server,
    client: () => new Etcd3({ hosts: endpoint }),
    stop: async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function isHealthy(endpoint: string): Promise<boolean> {
  const answer = await fetch(`${endpoint}/health`);
  return ((await answer.json()) as { readonly health: string }).health === "true";
}
