import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openClusterFolder } from "../src/cluster/cluster-folder.ts";
import { lockFolder } from "../src/cluster/folder-lock.ts";
import { quorate, temporaryFolder } from "./child.ts";

const TIMEOUT_MS = 60_000;

describe("the command line", { timeout: TIMEOUT_MS }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  it("shows examples in its help", async () => {
    const { process, stdout } = await quorate("up", "--help");
    expect(process.exitCode).toBe(0);
    expect(stdout).toContain("quorate up --nodes 5 --no-workload");
  });

  it("refuses a taken port, by number, and says what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const port = String((other.address() as AddressInfo).port);
    const { process, stderr } = await quorate("up", "--port", port, "--data", folder.path);
    other.close();
    expect(process.exitCode).toBe(2);
    expect(stderr).toBe(
      `quorate: port ${port} is in use by another program: choose another with --port\n`,
    );
  });

  it("refuses a folder that another cluster runs on, by its process", async () => {
    const lock = await lockFolder(folder.path);
    const result = await quorate("up", "--port", "0", "--data", folder.path);
    await lock[Symbol.asyncDispose]();
    expect(result.process.exitCode).toBe(2);
    expect(result.stderr).toBe(`quorate: ${folder.path} is in use by process ${process.pid}\n`);
  });

  it.each([
    ["nodes", { nodes: 3 }, "3", "5"],
    ["shards", { shards: 2 }, "2", "3"],
    ["consensus", { consensus: "paxos" }, "paxos", "raft"],
    ["consensus", {}, "raft", "paxos"],
  ] as const)("refuses a folder with a cluster of other %s", async (name, wanted, has, other) => {
    await openClusterFolder(folder.path, wanted);
    const result = await quorate("up", `--${name}`, other, "--port", "0", "--data", folder.path);
    expect(result.process.exitCode).toBe(2);
    expect(result.stderr).toContain(
      `holds a cluster with --${name} ${has}, not ${other}: start it with --${name} ${has}`,
    );
  });

  it.each([["status"], ["live"], ["live", "--once", "--json"]])(
    "says where no cluster runs, for %s",
    async (...args) => {
      const { process, stdout, stderr } = await quorate(...args, "--port", "1");
      expect([process.exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(`no gateway of a cluster at http://127.0.0.1:1/${args[0]}`);
    },
  );

  it("refuses a folder with other files in it", async () => {
    await mkdir(join(folder.path, "photos"));
    const result = await quorate("up", "--port", "0", "--data", folder.path);
    expect(result.process.exitCode).toBe(2);
    expect(result.stderr).toContain("has other files in it (photos)");
  });

  it("refuses a bad line of --input by its number, before anything starts", async () => {
    const file = join(folder.path, "orders.jsonl");
    await writeFile(file, "\n{}\n");
    const data = join(folder.path, "data");
    const result = await quorate("up", "--once", "--input", file, "--data", data);
    expect(result.process.exitCode).toBe(2);
    expect(result.stderr).toContain(`${file}:2: the order must have required property`);
    await expect(lockFolder(data)).rejects.toThrow("ENOENT");
  });

  it.each([
    [["up", "--node", "3"], "Did you mean --nodes?"],
    [["up", "--nodes", "4"], "Allowed choices are 3, 5, 7"],
    [["up", "--port", "x"], "It must be a whole number"],
    [["up", "--port", "70000"], "port must be 0 to 65535"],
    [["up", "--shards", "0"], "It must be 1 or more"],
    [["up", "--shards", "17"], "shards must be 1 to 16"],
    [["up", "--consensus", "zab"], "Allowed choices are raft, paxos"],
    [["up", "--services", "0"], "It must be 1 or more"],
    [["up", "--services", "x"], "It must be a whole number"],
    [["up", "--services", "17"], "services must be 1 to 16"],
    [["up", "--once", "--orders", "3"], "--once needs at least 10 orders"],
    [["upp"], "Did you mean up?"],
  ])("refuses %j with exit code 2 and a hint", async (args, hint) => {
    const { process, stderr } = await quorate(...args);
    expect(process.exitCode).toBe(2);
    expect(stderr).toContain(hint);
  });
});
