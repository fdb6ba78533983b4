import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { seededRandom } from "@quorate/runtime";
import { createTcpTransport, type TcpAddress } from "@quorate/transport/tcp";
import { expect, test } from "vitest";
import { clusterJob, fileJournal, startMaster } from "../../src/cluster/index.ts";
import { runJob } from "../../src/executors/run-job.ts";

const WORKER = join(import.meta.dirname, "worker-process.ts");
const JOB = pathToFileURL(join(import.meta.dirname, "../executors/jobs/word-count.ts"));
const RUN = ["--conditions=@quorate/source", "--import", "tsx"];

/** A process with a worker; killed with SIGKILL when it starts its first task of `killAt`. */
class WorkerProcess {
  readonly name: string;
  readonly child: ChildProcess;
  readonly address: Promise<TcpAddress>;
  killed = "";

  constructor(name: string, folder: string, killAt?: "map" | "reduce") {
    this.name = name;
    this.child = fork(WORKER, [name, folder], { execArgv: RUN });
    this.address = new Promise((resolve, reject) => {
      this.child.on("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
      this.child.on("message", (message: { address?: TcpAddress; started?: string }) => {
        if (message.address) resolve(message.address);
        if (!message.started || !killAt || !message.started.startsWith(killAt)) return;
        this.killed ||= message.started;
        this.child.kill("SIGKILL");
      });
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
  }
}

test("a worker killed in the map phase and one in the reduce phase: the output is the same, byte for byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quorate-cluster-"));
  const transport = createTcpTransport({
    nodeId: "master",
    clusterId: "test",
    listen: { port: 0 },
  });
  const workers: WorkerProcess[] = [];
  try {
    await mkdir(join(folder, "in"));
    for (let file = 0; file < 6; file++) {
      await writeFile(join(folder, `in/${file}.txt`), words(file));
    }
    const common = { input: join(folder, "in"), partitions: 4, splitBytes: 40_000 };
    const alone = await runJob(JOB, { ...common, output: join(folder, "alone"), workers: 1 });

    await transport.start();
    workers.push(new WorkerProcess("w1", join(folder, "w1"), "map"));
    workers.push(new WorkerProcess("w2", join(folder, "w2"), "reduce"));
    workers.push(new WorkerProcess("w3", join(folder, "w3")));
    const peers: Record<string, TcpAddress> = { master: transport.address };
    for (const { name, address } of workers) peers[name] = await address;
    for (const { child } of workers) child.send(peers);

    const output = join(folder, "out");
    const job = clusterJob(JOB, { ...common, output, job: "words", slots: 3 });
    const master = await startMaster(
      { ...job, heartbeatMs: 50, deadAfterMs: 1_000 },
      { transport, journal: fileJournal(join(folder, "journal")), output: job.output },
    );
    const { counters, maps } = await master.result;
    await master.stop();

    expect(workers.map(({ killed }) => killed.split("-")[0])).toEqual(["map", "reduce", ""]);
    expect(maps.tasks).toBeGreaterThan(6);
    expect(counters).toEqual(alone.counters);
    const names = (await readdir(output)).filter((name) => name.startsWith("part-"));
    expect(names).toHaveLength(4);
    for (const name of names) {
      const [ours, theirs] = await Promise.all(
        ["out", "alone"].map((each) => readFile(join(folder, each, name))),
      );
      expect(ours!.equals(theirs!)).toBe(true);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await transport.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);

function words(seed: number): string {
  const random = seededRandom(`words ${seed}`);
  const lines = Array.from({ length: 2_000 }, () =>
    Array.from({ length: 8 }, () => `w${Math.floor(1_000 * random.next() ** 3)}`).join(" "),
  );
  return `${lines.join("\n")}\n`;
}
