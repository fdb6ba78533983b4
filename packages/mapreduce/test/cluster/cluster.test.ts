import { LocalLog } from "@quorate/replication";
import { systemClock } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type Transport, TransportError } from "@quorate/transport";
import { describe, expect, test } from "vitest";
import {
  type JobPlan,
  JournalMachine,
  type Master,
  type MasterOptions,
  ReplicatedJournal,
  type RunTask,
  startMaster,
  startWorker,
  type Worker,
} from "../../src/cluster/index.ts";
import { MemoryDisk } from "../../src/testing/index.ts";
import { ToyOutput, toyPlan, toyTasks } from "./toy-job.ts";

const NUMBERS = [[12, 5, 7], [], [3, 8, 1, 12], [40, 6]];
const SORTED = ["6 8 12 12 40", "1 3 5 7"];

/** Machines of one network, and what is to be stopped in the end. */
class Machines {
  readonly log = new LocalLog(new JournalMachine());
  readonly output = new ToyOutput();
  readonly #network = createMemoryNetwork();
  readonly #stops: (() => Promise<void>)[] = [];

  async transport(name: string): Promise<Transport> {
    const transport = this.#network.transport(name);
    await transport.start();
    this.#stops.push(() => transport.stop());
    return transport;
  }

  async master(name: string, plan: JobPlan, options: Partial<MasterOptions> = {}): Promise<Master> {
    const transport = await this.transport(name);
    const journal = new ReplicatedJournal(this.log, "job", systemClock);
    const master = await startMaster(
      { job: "job", plan: () => plan, heartbeatMs: 5, ...options },
      { transport, journal, output: this.output },
    );
    this.#stops.unshift(() => master.stop());
    return master;
  }

  async worker(name: string, runTask: RunTask = toyTasks(this.output)): Promise<Worker> {
    const transport = await this.transport(name);
    const disk = new MemoryDisk();
    const masters = ["m1", "m2"];
    const worker = await startWorker(
      { masters, folder: "/w", slots: 2, heartbeatMs: 5 },
      { transport, runTask, disk },
    );
    this.#stops.unshift(() => worker.stop());
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}

async function withMachines(use: (machines: Machines) => Promise<void>): Promise<void> {
  const machines = new Machines();
  try {
    await use(machines);
  } finally {
    await machines[Symbol.asyncDispose]();
  }
}

describe("a job on a cluster", () => {
  test("section 3.1: maps, shuffles, reduces, and counts what its tasks counted once", () =>
    withMachines(async (machines) => {
      const master = await machines.master("m1", toyPlan(NUMBERS, 2));
      await Promise.all(["w1", "w2", "w3"].map((name) => machines.worker(name)));
      const { counters, maps, reduces } = await master.result;
      expect(machines.output.parts).toEqual(SORTED);
      expect(counters).toEqual({ maps: 4, reduces: 2 });
      expect([maps.completed, reduces.completed]).toEqual([4, 2]);
      expect(machines.output.log.toSorted()).toEqual(["reduce-0-0", "reduce-1-0"]);
    }));

  test("one worker is enough, and it need not be there when the job begins", () =>
    withMachines(async (machines) => {
      await machines.worker("w1");
      const master = await machines.master("m2", toyPlan(NUMBERS, 2));
      await master.result;
      expect(machines.output.parts).toEqual(SORTED);
    }));

  test("what throws is tried again elsewhere; the job fails when it always throws", () =>
    withMachines(async (machines) => {
      const tries: string[] = [];
      const task = toyTasks(machines.output, (name) => {
        tries.push(name);
        if (name.startsWith("map-2")) throw new Error("a broken split");
      });
      const master = await machines.master("m1", toyPlan(NUMBERS, 2), {
        tracker: { maxAttempts: 3 },
      });
      await Promise.all([machines.worker("w1", task), machines.worker("w2", task)]);
      await expect(master.result).rejects.toMatchObject({
        code: "task-failed",
        message: "map task 2 failed 3 times: a broken split",
      });
      expect(tries.filter((name) => name.startsWith("map-2"))).toHaveLength(3);
      expect(machines.output.log).toEqual(["abort"]);
    }));

  test("section 3.3: a master that is started again goes on, and no task is committed twice", () =>
    withMachines(async (machines) => {
      let reached = (): void => {};
      const isHalfWay = new Promise<void>((resolve) => (reached = resolve));
      let release = (): void => {};
      const isReleased = new Promise<void>((resolve) => (release = resolve));
      const names: string[] = [];
      const task = toyTasks(machines.output, async (name) => {
        names.push(name);
        if (!name.startsWith("reduce-1")) return;
        reached();
        await isReleased;
      });
      const first = await machines.master("m1", toyPlan(NUMBERS, 2));
      await Promise.all([machines.worker("w1", task), machines.worker("w2", task)]);
      await isHalfWay;
      await first.stop();
      await expect(first.result).rejects.toMatchObject({ code: "aborted" });
      const plan = toyPlan([[1]], 7); // another plan is not asked for
      const second = await machines.master("m2", plan);
      release();
      const { counters } = await second.result;
      expect(machines.output.parts).toEqual(SORTED);
      expect(counters).toEqual({ maps: 4, reduces: 2 });
      expect(names.toSorted()).toEqual([
        "map-0-0",
        "map-1-0",
        "map-2-0",
        "map-3-0",
        "reduce-0-0",
        "reduce-1-0",
      ]);
    }));

  test("of two masters at once the earlier one can go on no more", () =>
    withMachines(async (machines) => {
      const first = await machines.master("m1", toyPlan(NUMBERS, 2));
      const second = await machines.master("m2", toyPlan(NUMBERS, 2));
      await machines.worker("w1");
      await expect(first.result).rejects.toMatchObject({ code: "journal-failed" });
      await second.result;
      expect(machines.output.log.toSorted()).toEqual(["reduce-0-0", "reduce-1-0"]);
    }));

  test("a master that is started on a job that is over says what came of it", () =>
    withMachines(async (machines) => {
      const first = await machines.master("m1", toyPlan(NUMBERS, 2));
      await machines.worker("w1");
      const totals = await first.result;
      await first.stop();
      const second = await machines.master("m2", toyPlan([], 1));
      expect(await second.result).toEqual(totals);
    }));

  test("a job that is aborted is over, also for the next master", () =>
    withMachines(async (machines) => {
      const first = await machines.master("m1", toyPlan(NUMBERS, 2));
      first.abort("not wanted any more");
      await expect(first.result).rejects.toMatchObject({ code: "aborted" });
      const second = await machines.master("m2", toyPlan(NUMBERS, 2));
      await expect(second.result).rejects.toThrow("not wanted any more");
    }));

  test("workers of unknown address are not told that there is news, and ask by themselves", () =>
    withMachines(async (machines) => {
      const transport = await machines.transport("m1");
      const journal = new ReplicatedJournal(machines.log, "job", systemClock);
      const { output } = machines;
      const master = await startMaster(
        { job: "job", plan: () => toyPlan(NUMBERS, 2) },
        { transport: withoutSend(transport), journal, output },
      );
      await machines.worker("w1");
      await master.result;
      expect(output.parts).toEqual(SORTED);
      await master.stop();
    }));

  test("one master at a time on a transport", () =>
    withMachines(async (machines) => {
      const transport = await machines.transport("m1");
      const { output, log } = machines;
      const start = (name: string): Promise<Master> =>
        startMaster(
          { job: name, plan: () => toyPlan(NUMBERS, 2) },
          { transport, journal: new ReplicatedJournal(log, name, systemClock), output },
        );
      const master = await start("one");
      await expect(start("two")).rejects.toMatchObject({ code: "already-handled" });
      await master.stop();
    }));

  test("a worker that is stopped is not waited for", () =>
    withMachines(async (machines) => {
      let reached = (): void => {};
      const isReached = new Promise<void>((resolve) => (reached = resolve));
      let release = (): void => {};
      const isReleased = new Promise<void>((resolve) => (release = resolve));
      const waiting = toyTasks(machines.output, () => {
        reached();
        return isReleased;
      });
      const plan = toyPlan(NUMBERS, 2);
      const deadAfterMs = 1_000_000;
      const tracker = { speculation: false } as const;
      const master = await machines.master("m1", plan, { deadAfterMs, tracker });
      const stopped = await machines.worker("w1", waiting);
      await isReached;
      const stopping = stopped.stop();
      release();
      await stopping;
      await machines.worker("w2");
      await master.result;
      expect(machines.output.parts).toEqual(SORTED);
    }));

  test("a journal of another job is refused", () =>
    withMachines(async (machines) => {
      await machines.master("m1", toyPlan(NUMBERS, 2));
      const other = machines.master("m2", toyPlan(NUMBERS, 2), { job: "other" });
      await expect(other).rejects.toMatchObject({ code: "invalid-job" });
    }));

  test("a job without workers fails when withoutWorkersMs have passed", () =>
    withMachines(async (machines) => {
      const clock = new VirtualClock();
      const master = await startMaster(
        { job: "job", plan: () => toyPlan(NUMBERS, 2), withoutWorkersMs: 5_000 },
        {
          transport: await machines.transport("m1"),
          journal: new ReplicatedJournal(machines.log, "job", clock),
          output: machines.output,
          clock,
        },
      );
      await clock.advance(6_000);
      await expect(master.result).rejects.toMatchObject({ code: "worker-lost" });
      await master.stop();
    }));

  test("an option that is out of its range is an invalid job", () =>
    withMachines(async (machines) => {
      const invalid = { code: "invalid-job" };
      const plan = toyPlan(NUMBERS, 2);
      await expect(machines.master("m1", plan, { heartbeatMs: 0 })).rejects.toMatchObject(invalid);
      const tracker = { maxAttempts: 0 };
      await expect(machines.master("m2", plan, { tracker })).rejects.toMatchObject(invalid);
      const transport = await machines.transport("w1");
      const runTask = toyTasks(machines.output);
      const worker = startWorker({ masters: [], folder: "/w" }, { transport, runTask });
      await expect(worker).rejects.toMatchObject(invalid);
    }));
});

/** As TCP has it: nobody that was not dialled can be sent to once the connection is gone. */
function withoutSend(transport: Transport): Transport {
  return {
    nodeId: transport.nodeId,
    maxMessageBytes: transport.maxMessageBytes,
    send: (to) => {
      throw new TransportError("unknown-peer", `the address of ${to} is unknown`);
    },
    request: (...call) => transport.request(...call),
    openStream: (...call) => transport.openStream(...call),
    onMessage: (...call) => transport.onMessage(...call),
    onRequest: (...call) => transport.onRequest(...call),
    onStream: (...call) => transport.onStream(...call),
    onPeer: (listener) => transport.onPeer(listener),
    start: () => transport.start(),
    stop: () => transport.stop(),
  };
}
