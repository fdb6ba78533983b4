import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { createPostgresStore } from "../../src/postgres/index.ts";
import type { OpenedStore, ServerKind } from "./server.ts";
import { freePort, ServerProcess } from "./server-process.ts";

const DEBIAN = "/usr/lib/postgresql";
const binaries = findBinaries();

/** With its data in a folder of its own; it does not run as root, so as Debian's user then. */
export const POSTGRES: ServerKind = {
  name: "PostgreSQL",
  missing: binaries ? undefined : "no PostgreSQL (apt-get install postgresql)",
  minTtlMs: 1_000,
  open: openStore,
  start: async () => {
    const directory = await mkdtemp(join(tmpdir(), "quorate-postgres-"));
    const isRoot = process.getuid?.() === 0;
    if (isRoot) execFileSync("chown", ["postgres:postgres", directory]);
    await chmod(directory, 0o700);
    const asUser = isRoot
      ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
      : [];
    const data = join(directory, "data");
    const [initdb, ...initArguments] = [
      ...[...asUser, join(binaries!, "initdb"), "--pgdata", data, "--auth", "trust"],
      ...["--username", "postgres", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
    ] as [string, ...string[]];
    execFileSync(initdb, initArguments, { cwd: directory, stdio: "pipe" });
    const port = await freePort();
    const command = [
      ...[...asUser, join(binaries!, "postgres"), "-D", data, "-p", String(port)],
      ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    ];
    const server = new ServerProcess(command, directory, () => answers(port));
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

export function poolOf(port: number, database = "postgres"): pg.Pool {
  const pool = new pg.Pool({ ...configOf(port), database, max: 4 });
  pool.on("error", () => {});
  return pool;
}

async function openStore(port: number, requestTimeoutMs = 5_000): Promise<OpenedStore> {
  const pool = poolOf(port);
  const store = createPostgresStore(pool, { requestTimeoutMs });
  return {
    store,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

export async function answers(port: number): Promise<boolean> {
  const client = new pg.Client(configOf(port));
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

function configOf(port: number): pg.ClientConfig {
  return { host: "127.0.0.1", port, user: "postgres", database: "postgres" };
}

/** The newest that Debian has installed. */
function findBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(DEBIAN, version, "bin"))
    .find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")));
}
