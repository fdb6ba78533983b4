import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { freePort, hasProgram, ServerProcess } from "./server-process.ts";
import { answers } from "./postgres.ts";

/** Why there is no PgBouncer here; undefined when there is. */
export const NO_PG_BOUNCER: string | undefined = hasProgram("pgbouncer")
  ? undefined
  : "no pgbouncer (apt-get install pgbouncer)";

export interface PgBouncer {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startPgBouncer(
  serverPort: number,
  mode: "session" | "transaction",
): Promise<PgBouncer> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-pgbouncer-"));
  const port = await freePort();
  const file = join(directory, "pgbouncer.ini");
  const users = join(directory, "users.txt");
  await writeFile(users, '"postgres" ""\n');
  const configuration = [
    ...["[databases]", `* = host=127.0.0.1 port=${serverPort}`, "[pgbouncer]"],
    ...["listen_addr = 127.0.0.1", `listen_port = ${port}`, "unix_socket_dir ="],
    ...["auth_type = trust", `auth_file = ${users}`, `pool_mode = ${mode}`],
  ];
  await writeFile(file, configuration.join("\n"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) execFileSync("chown", ["-R", "postgres:postgres", directory]);
  const asUser = isRoot ? ["-u", "postgres"] : [];
  const command = ["pgbouncer", "-q", ...asUser, file];
  const server = new ServerProcess(command, directory, () => answers(port));
  await server.start();
  return {
    port,
    stop: async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
