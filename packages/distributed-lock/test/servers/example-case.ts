import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ServerKind } from "./server.ts";
import type { Workbench } from "./workbench.ts";

const folder = join(import.meta.dirname, "../..");
const guide = readFileSync(join(folder, "BACKENDS.md"), "utf8");

/** The example of BACKENDS.md, as it stands, against the server. */
export function exampleCase({ name }: ServerKind, bench: Workbench): void {
  it("the example of BACKENDS.md runs as it stands", async () => {
    const [, code] = new RegExp(`## ${name}\n[^]*?\`\`\`ts\n([^]*?)\`\`\``).exec(guide)!;
    const address = `127.0.0.1:${bench.server.port}`;
    const child = spawn(
      process.execPath,
      [
        "--conditions=@quorate/source",
        "--import",
        "@oxc-node/core/register",
        "--input-type=module",
      ],
      {
        cwd: folder,
        env: {
          ...process.env,
          ETCD_URL: `http://${address}`,
          REDIS_URL: `redis://${address}`,
          ZOOKEEPER: address,
          POSTGRES_URL: `postgres://postgres@${address}/postgres`,
        },
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
    child.stdin.end(code);
    const [exitCode] = (await once(child, "close")) as [number];
    expect(output).toMatch(/^held under token \d+\n$/);
    expect(exitCode).toBe(0);
  });
}
