import { type Clock, pick } from "@quorate/runtime";
import type { NodeEnvironment, SimulatedNode, SwarmContext, SwarmRun } from "@quorate/simulation";
import type { ReplicatedLog } from "@quorate/replication";
import {
  fileJournal,
  type JobJournal,
  type JournalMachine,
  ReplicatedJournal,
  startWorker,
  type Worker,
} from "../src/cluster/index.ts";
import { MemoryDisk } from "../src/testing/index.ts";
import { JobQueue } from "./job-queue.ts";
import type { MapReduceCoverage } from "./mapreduce-coverage.ts";
import { MasterHost } from "./master-host.ts";
import { ModelledLog } from "./modelled-log.ts";
import { SharedOutput } from "./shared-output.ts";
import { simulatedTasks } from "./simulated-job.ts";
import { watched } from "./watched-journal.ts";

/** The first machines: with a replicated journal both may have the master. */
const MASTERS = 2;

/** One run: jobs one after the other, masters on the first machines, workers on the others. */
export class MapReduceRun implements SwarmRun<object> {
  readonly #context: SwarmContext<object>;
  readonly #queue: JobQueue;
  readonly #output: SharedOutput;
  /** Undefined: the journal is on the first machine's disk, and the master always there. */
  readonly #log: ModelledLog | undefined;
  readonly #disks = new Map<string, MemoryDisk>();
  #leader = 0;

  constructor(context: SwarmContext<object>) {
    this.#context = context;
    const { world, random, swarm } = context;
    const cover = (what: MapReduceCoverage): void => context.cover(what);
    const fail = (error: Error): void => world.fail(error);
    const mayFail = (): boolean => !this.#queue.isCalm;
    this.#queue = new JobQueue(`${swarm.names.length}/${random.fork("jobs").next()}`, cover, fail);
    this.#output = new SharedOutput({
      world: world.clock,
      random: random.fork("output"),
      mayFail,
      cover,
      fail,
      finished: (job, parts) => this.#queue.published(job, parts),
    });
    if (random.fork("journal").next() < 0.5) {
      this.#log = new ModelledLog(world.clock, random.fork("log"), mayFail);
      this.#moveLeader(world.clock);
    }
  }

  async boot(environment: NodeEnvironment): Promise<object> {
    const { name, transport } = environment;
    await transport.start();
    const at = this.#context.swarm.names.indexOf(name);
    return at < MASTERS ? this.#startHost(environment, at) : this.#startWorker(environment);
  }

  startUsers(): void {
    // There is a job from the beginning.
  }

  check(): void {
    const hosts = this.#context.nodes.slice(0, MASTERS).map(({ instance }) => instance);
    for (const host of hosts) if (host instanceof MasterHost) host.check();
    if (hosts.every((host) => host instanceof MasterHost && host.isAtWork)) {
      this.#cover("two masters at once");
    }
  }

  isSettled(core: readonly SimulatedNode<object>[]): boolean {
    const { nodes, nemesis } = this.#context;
    if (!this.#queue.isCalm) {
      // Without a master there is no progress, whoever else is well; and with no worker neither.
      nemesis.heal([...nodes.slice(0, MASTERS + 1), ...core]);
      this.#queue.calm();
      this.#context.operations++;
    }
    return this.#queue.isSettled;
  }

  checkEnd(): void {
    this.#cover("settled");
  }

  describe(program: object): string {
    return program instanceof MasterHost ? program.describe() : (program as Worker).id;
  }

  #startHost(environment: NodeEnvironment, at: number): MasterHost {
    const host = new MasterHost(environment, {
      queue: this.#queue,
      output: this.#output,
      hosts: this.#context.swarm.names.slice(MASTERS),
      journal: (job) => this.#journal(environment, job),
      leads: () => this.#leader === at,
      cover: (what) => this.#cover(what),
    });
    host.run().catch((error: unknown) => this.#context.world.fail(error));
    return host;
  }

  #journal({ clock, random, fileSystem }: NodeEnvironment, job: number): JobJournal {
    const journal = this.#log
      ? new ReplicatedJournal(
          this.#log.on(clock) as ReplicatedLog<JournalMachine>,
          `job-${job}`,
          clock,
        )
      : fileJournal(`/journal-${job}`, { fileSystem, random });
    return watched(journal, (what) => this.#cover(what));
  }

  async #startWorker({ name, transport, clock, random }: NodeEnvironment): Promise<Worker> {
    const disk = this.#disks.get(name) ?? new MemoryDisk();
    this.#disks.set(name, disk);
    const draws = this.#context.world.random.fork(`tasks of ${name}`);
    const mayFail = (): boolean => !this.#queue.isCalm;
    // Some operations of this life fail.
    disk.fail(
      ({ kind }) => mayFail() && /read|append|open|create/.test(kind) && draws.next() < 0.01,
      "io-error",
      5,
    );
    return startWorker(
      {
        masters: this.#context.swarm.names.slice(0, MASTERS),
        folder: "/worker",
        slots: pick(draws, [1, 2, 3]),
        heartbeatMs: 200,
        fetchAttempts: 3,
        fetchPauseMs: 50,
        fetchTimeoutMs: 1_000,
        maxFetches: 2,
      },
      {
        transport,
        clock,
        random,
        disk,
        runTask: simulatedTasks({
          job: (number) => this.#queue.job(number),
          clock,
          random: random.fork("tasks"),
          output: this.#output,
          slowness: pick(draws, [1, 1, 1, 10]),
          mayFail,
          started: (job, attempt) => this.#started(job, attempt),
          damaged: () => this.#cover("segments damaged"),
        }),
      },
    );
  }

  #started(job: number, attempt: string): void {
    this.#context.operations++;
    this.#queue.started(job, attempt);
  }

  #moveLeader(clock: Clock): void {
    clock.setTimer(
      3_000 + 7_000 * this.#context.world.random.fork(`leader ${clock.now()}`).next(),
      () => {
        if (this.#queue.isCalm) return;
        this.#leader = (this.#leader + 1) % MASTERS;
        this.#moveLeader(clock);
      },
    );
  }

  #cover(what: MapReduceCoverage): void {
    this.#context.cover(what);
  }
}
