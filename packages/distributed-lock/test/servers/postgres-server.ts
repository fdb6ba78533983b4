import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort, ServerProcess } from "./server-process.ts";

const DEBIAN = "/usr/lib/postgresql";
const binaries = findBinaries();

/** Why there is no PostgreSQL here; undefined when there is. */
export const NO_POSTGRES: string | undefined = whyNot();

export interface PostgresServer {
  readonly port: number;
  readonly process: ServerProcess;
  pool(): pg.Pool;
  stop(): Promise<void>;
}

/** With its data in a folder of its own; nobody but this machine is let in. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-postgres-"));
  const asPostgres =
    process.getuid?.() === 0
      ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
      : [];
  if (asPostgres.length > 0) execFileSync("chown", ["postgres:postgres", directory]);
  await chmod(directory, 0o700);
  const data = join(directory, "data");
  const [initdb, ...initArguments] = [
    ...[...asPostgres, join(binaries!, "initdb"), "--pgdata", data, "--auth", "trust"],
    ...["--username", "postgres", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
  ];
  execFileSync(initdb!, initArguments, { cwd: directory, stdio: "pipe" });
  const port = await freePort();
  const command = [
    ...[...asPostgres, join(binaries!, "postgres"), "-D", data, "-p", String(port)],
    ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
  ];
  const config = { host: "127.0.0.1", port, user: "postgres", database: "postgres" };
  const server = new ServerProcess(command, directory, () => answers(config));
  await server.start();
  return {
    port,
    process: server,
    pool: () => new pg.Pool({ ...config, max: 4 }).on("error", () => {}),
    stop: async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(config: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(config);
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The newest that Debian has installed. */
function findBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(DEBIAN, version, "bin"))
    .find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")));
}

function whyNot(): string | undefined {
  if (!binaries) return "no PostgreSQL (apt-get install postgresql)";
  return undefined;
}
