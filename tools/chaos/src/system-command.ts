import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Debian's packages of the commands that not every machine has. */
const PACKAGES: Readonly<Record<string, string>> = {
  faketime: "faketime",
  strace: "strace",
  "mkfs.ext4": "e2fsprogs",
  mount: "mount",
};
/** Where the commands of administrators are, which not every PATH names. */
const PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`;

/**
 * Runs a command of the system; resolves to what it wrote.
 *
 * @throws {Error} in a few words: that it is not installed, or the first line that it said.
 */
export async function runCommand(command: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await execute(command, args, { env: { ...process.env, PATH } })).stdout;
  } catch (error) {
    const { code, stderr = "" } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    const install = `: apt-get install ${PACKAGES[command] ?? command}`;
    const said = stderr.trim().split("\n")[0] || (error as Error).message;
    throw new Error(code === "ENOENT" ? `${command} is not installed${install}` : said, {
      cause: error,
    });
  }
}

/** Why `attempt` fails, in a few words; undefined: it does not. */
export async function whyNot(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
