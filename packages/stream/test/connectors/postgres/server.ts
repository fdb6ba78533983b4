import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

const DEBIAN = "/usr/lib/postgresql";
const binaries = findBinaries();

/** A part of a suite's title: why it is left out; empty when nothing is missing. */
export const missing: string = binaries
  ? ""
  : " (left out: no PostgreSQL; apt-get install postgresql)";

/** A real server with its data in a folder of its own; it does not run as root. */
export class PostgresServer {
  readonly #port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.#port = port;
    this.#folder = folder;
    this.#process = process;
  }

  static async start(): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), "quorate-stream-postgres-"));
    const isRoot = process.getuid?.() === 0;
    if (isRoot) execFileSync("chown", ["postgres:postgres", folder]);
    await chmod(folder, 0o700);
    const asUser = isRoot
      ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
      : [];
    const data = join(folder, "data");
    const run = (name: string, ...args: string[]): [string, string[]] => {
      const [file, ...rest] = [...asUser, join(binaries as string, name), ...args];
      return [file as string, rest];
    };
    const [initdb, args] = run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync");
    execFileSync(initdb, args, { cwd: folder, stdio: "pipe" });
    const port = await freePort();
    const quiet = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
    const [postgres, options] = run("postgres", "-D", data, "-p", String(port), ...quiet);
    const child = spawn(postgres, options, { cwd: folder, stdio: "ignore" });
    const server = new PostgresServer(port, folder, child);
    while (!(await server.#answers())) {
      if (child.exitCode !== null) throw new Error("PostgreSQL did not start");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return server;
  }

  pool(): pg.Pool {
    const place = { host: "127.0.0.1", port: this.#port, user: "postgres", database: "postgres" };
    const pool = new pg.Pool({ ...place, max: 4 });
    pool.on("error", () => {});
    return pool;
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGQUIT");
    await exit;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    const pool = this.pool();
    try {
      await pool.query("SELECT 1");
      return true;
    } catch {
      return false;
    } finally {
      await pool.end();
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The newest that Debian has installed. */
function findBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(DEBIAN, version, "bin"))
    .find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")));
}
