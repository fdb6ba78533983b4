import { defineBench, measured } from "@quorate/bench";
import { type KvClient, withPrefix } from "@quorate/kv";
import { startLocalKv } from "@quorate/kv/local";
import { createRegistry, type Registration, type ServiceInstance } from "../src/index.ts";

const ROUNDS = 300;
const INSTANCES = 1_000;

function instance(id: string): ServiceInstance {
  return { service: "orders", id, host: "127.0.0.1", port: 8080, zone: "a" };
}

/** A store without a log or a disk: what is measured is what the registry adds. */
async function withClients<T>(run: (writer: KvClient, reader: KvClient) => Promise<T>): Promise<T> {
  await using store = await startLocalKv();
  return await run(await store.client(), await store.client());
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** From a change of health to the snapshot that tells it. */
async function changeToSnapshot(): Promise<{ value: number }> {
  return withClients(async (writer, reader) => {
    const registration = await createRegistry(writer).register(instance("a"));
    const watch = createRegistry(reader).watch("orders");
    await watch.next();
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const sentAtMs = performance.now();
      registration.report(round % 2 === 0 ? "warning" : "passing");
      await watch.next();
      times.push(performance.now() - sentAtMs);
    }
    await watch.return?.();
    await registration.deregister();
    return { value: median(times) };
  });
}

/** The same by hand: a put, and the event of a watch. */
async function putToEvent(): Promise<{ value: number }> {
  return withClients(async (writer, reader) => {
    const watch = reader.watch(withPrefix("orders/"));
    await watch.started;
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const sentAtMs = performance.now();
      void writer.put("orders/a", JSON.stringify(instance(`${round}`)));
      await watch.next();
      times.push(performance.now() - sentAtMs);
    }
    await watch[Symbol.asyncDispose]();
    return { value: median(times) };
  });
}

async function manyRegister(): Promise<{ value: number }> {
  return withClients(async (writer) => {
    const registry = createRegistry(writer);
    const beganAtMs = performance.now();
    const registering = Array.from({ length: INSTANCES }, (_, at) =>
      registry.register(instance(`i${at}`)),
    );
    const all: Registration[] = await Promise.all(registering);
    const elapsedMs = performance.now() - beganAtMs;
    await Promise.all(all.map((registration) => registration.deregister()));
    return { value: (1_000 * INSTANCES) / elapsedMs };
  });
}

export default defineBench(async (options) => [
  await measured(options, {
    case: "a change of health, until another process's snapshot tells it",
    unit: "ms",
    ours: changeToSnapshot,
    peers: { "bare put and watch": putToEvent },
  }),
  await measured(options, {
    case: "1,000 instances of one process register at once",
    unit: "registrations/s",
    ours: manyRegister,
  }),
]);
