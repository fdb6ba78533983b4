import { type File, type FileSystem, FileSystemError } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSimulation, type DiskOptions, type SimulatedNode } from "../src/index.ts";

type Step =
  | { readonly kind: "write" | "writeDurably"; readonly position: number; readonly length: number }
  | { readonly kind: "truncate"; readonly size: number }
  | { readonly kind: "sync" }
  | { readonly kind: "crash" };

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom("write" as const, "writeDurably" as const),
      position: fc.nat(9_000),
      length: fc.nat(5_000),
    }),
    fc.record({ kind: fc.constant("truncate" as const), size: fc.nat(12_000) }),
    fc.constantFrom({ kind: "sync" } as const, { kind: "crash" } as const),
  ),
  { maxLength: 15 },
);

async function contentOf(file: File): Promise<Uint8Array> {
  const bytes = new Uint8Array((await file.size()) + 10);
  return bytes.subarray(0, await file.read(bytes, 0));
}

async function take(step: Exclude<Step, { kind: "crash" }>, file: File, fill: number) {
  if (step.kind === "sync") return file.sync();
  if (step.kind === "truncate") return file.truncate(step.size);
  return file[step.kind](new Uint8Array(step.length).fill(fill), step.position);
}

async function made(fileSystem: FileSystem): Promise<void> {
  await fileSystem.makeDirectory("/d");
  const file = await fileSystem.open("/d/file", { create: "new" });
  await fileSystem.syncDirectory("/d");
  await file.close();
}

async function withDisk(
  disk: DiskOptions,
  damagedNodes = 0,
): Promise<{ world: ReturnType<typeof createSimulation>; node: SimulatedNode<FileSystem> }> {
  const world = createSimulation({ seed: 7, disk, damagedNodes });
  const node = world.node("a", ({ fileSystem }) => fileSystem);
  await node.start();
  return { world, node };
}

describe("a simulated disk", () => {
  it("reads, and loses at a crash, what the disk in memory of @quorate/runtime does", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const { world, node } = await withDisk({ atPowerLoss: "vanish" });
        const model = new MemoryFileSystem();
        await world.settled(made(node.instance!));
        await made(model);
        for (const [at, step] of program.entries()) {
          if (step.kind === "crash") {
            await node.restart();
            model.crash();
            continue;
          }
          const ours = await world.settled(node.instance!.open("/d/file"));
          await world.settled(take(step, ours, at + 1));
          await take(step, await model.open("/d/file"), at + 1);
        }
        const ours = await world.settled(node.instance!.open("/d/file"));
        const found = await world.settled(contentOf(ours));
        expect(found).toEqual(await contentOf(await model.open("/d/file")));
      }),
      { numRuns: 60 },
    );
  });

  it("takes its time for an operation, and has its effect at the end of it", async () => {
    const { world, node } = await withDisk({ latencyMs: { min: 5, max: 5 } });
    const before = world.clock.now();
    await world.settled(node.instance!.makeDirectory("/d"));
    expect(world.clock.now() - before).toBe(5);
  });

  it("at a crash, lets what was not durable survive, vanish or tear", async () => {
    const { world, node } = await withDisk({});
    await world.settled(made(node.instance!));
    for (let round = 0; round < 20; round++) {
      const file = await world.settled(node.instance!.open("/d/file"));
      await world.settled(file.write(new Uint8Array(4_096).fill(round), 0));
      await node.restart();
    }
    const counts = world.trace.counts();
    for (const fate of ["survived", "vanished", "torn"]) {
      expect(counts[`pending write ${fate}`]).toBeGreaterThan(0);
    }
  });

  it("a write that is under way at a crash fares as one that is not durable", async () => {
    const kept = new Set<number>();
    for (let seed = 0; seed < 12; seed++) {
      const world = createSimulation({ seed, disk: { latencyMs: { min: 5, max: 5 } } });
      const node = world.node("a", ({ fileSystem }) => fileSystem);
      await node.start();
      await world.settled(made(node.instance!));
      const file = await world.settled(node.instance!.open("/d/file"));
      void file.writeDurably(Uint8Array.of(1), 0);
      await world.run(2);
      await node.restart();
      const again = await world.settled(node.instance!.open("/d/file"));
      kept.add(await world.settled(again.size()));
    }
    expect(kept).toEqual(new Set([0, 1]));
  });

  it("a process that is killed loses nothing that was written", async () => {
    const { world, node } = await withDisk({});
    await world.settled(made(node.instance!));
    const file = await world.settled(node.instance!.open("/d/file"));
    await world.settled(file.write(Uint8Array.of(1, 2, 3), 0));
    node.kill();
    await node.start();
    const again = await world.settled(node.instance!.open("/d/file"));
    expect(await world.settled(contentOf(again))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("after a sync that failed, no later sync makes durable what was lost", async () => {
    const { world, node } = await withDisk({ atPowerLoss: "vanish" });
    await world.settled(made(node.instance!));
    const file = await world.settled(node.instance!.open("/d/file"));
    await world.settled(file.write(Uint8Array.of(1), 0));
    node.disk.setFaults({ syncErrorProbability: 1, atPowerLoss: "vanish" });
    await expect(world.settled(file.sync())).rejects.toMatchObject({ code: "io-error" });
    node.disk.setFaults({ atPowerLoss: "vanish" });
    await world.settled(file.sync());
    expect(await world.settled(file.size())).toBe(1);
    await node.restart();
    const again = await world.settled(node.instance!.open("/d/file"));
    expect(await world.settled(again.size())).toBe(0);
    expect(world.trace.counts()["sync error"]).toBe(1);
  });

  it.each<[string, DiskOptions, (file: File) => Promise<unknown>, string]>([
    ["read error", { readErrorProbability: 1 }, (f) => f.read(new Uint8Array(1), 0), "io-error"],
    ["write error", { writeErrorProbability: 1 }, (f) => f.write(Uint8Array.of(1), 0), "io-error"],
    ["write without space", { capacityBytes: 0 }, (f) => f.write(Uint8Array.of(1), 0), "no-space"],
  ])("%s: is counted, and rejects", async (fault, options, act, code) => {
    const { world, node } = await withDisk({});
    await world.settled(made(node.instance!));
    const file = await world.settled(node.instance!.open("/d/file"));
    node.disk.setFaults(options);
    await expect(world.settled(act(file))).rejects.toMatchObject({ code });
    await expect(world.settled(act(file))).rejects.toBeInstanceOf(FileSystemError);
    expect(world.trace.counts()[fault]).toBe(2);
  });

  it("damage comes only where the fault atlas allows it", async () => {
    const world = createSimulation({ seed: 1, damagedNodes: 1 });
    const nodes = ["a", "b"].map((name) => world.node(name, ({ fileSystem }) => fileSystem));
    for (const node of nodes) {
      await node.start();
      await world.settled(made(node.instance!));
      const file = await world.settled(node.instance!.open("/d/file"));
      await world.settled(file.writeDurably(new Uint8Array(1_000), 0));
    }
    const [first, second] = nodes as [SimulatedNode<FileSystem>, SimulatedNode<FileSystem>];
    expect(first.disk.rot((path) => path === "/nothing")).toBe(false);
    expect(first.disk.rot()).toBe(true);
    expect(second.disk.rot()).toBe(false);
    expect(second.disk.wipe()).toBe(false);
    const file = await world.settled(first.instance!.open("/d/file"));
    const bits = (await world.settled(contentOf(file))).filter((byte) => byte !== 0);
    expect(bits).toHaveLength(1);
    expect(first.disk.wipe()).toBe(true);
    await expect(world.settled(first.instance!.open("/d/file"))).rejects.toMatchObject({
      code: "not-found",
    });
    expect(world.trace.counts()).toMatchObject({ "bit rot": 1, "disk wiped": 1 });
  });

  it("a misdirected write is said to be done, and is elsewhere", async () => {
    const { world, node } = await withDisk({}, 1);
    await world.settled(made(node.instance!));
    const file = await world.settled(node.instance!.open("/d/file"));
    await world.settled(file.writeDurably(new Uint8Array(100_000), 0));
    node.disk.setFaults({ misdirectProbability: 1 });
    await world.settled(file.writeDurably(Uint8Array.of(42), 7));
    const content = await world.settled(contentOf(file));
    expect(content.indexOf(42)).not.toBe(7);
    expect(content.filter((byte) => byte === 42)).toHaveLength(1);
    expect(world.trace.counts()["misdirected write"]).toBe(1);
  });
});
