import { MemoryFileSystem } from "@quorate/runtime/testing";
import { createMemoryNetwork, type Transport, type TransportStream } from "@quorate/transport";
import { describe, expect, it } from "vitest";
import { type SnapshotOffer, SnapshotTransfer } from "../src/driver/snapshot-transfer.ts";
import { SnapshotStore } from "../src/driver/snapshot-store.ts";

const POSITION = { index: 7, term: 1 };

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

/** A node that takes snapshots, and others that send them. */
const PROTOCOL = "snapshots";

class Nodes {
  readonly taken: SnapshotOffer[] = [];
  readonly #network = createMemoryNetwork();
  readonly #transports: Transport[] = [];

  async receiver(): Promise<void> {
    const transport = await this.#transport("to");
    const store = new SnapshotStore("/to", new MemoryFileSystem());
    await store.load();
    const transfer = new SnapshotTransfer(transport, PROTOCOL, store);
    transport.onStream(PROTOCOL, (from, stream) =>
      transfer.receive(
        from,
        stream,
        () => true,
        (_from, offer) => this.taken.push(offer),
      ),
    );
  }

  async sender(
    name: string,
    around: (stream: TransportStream) => TransportStream = (stream) => stream,
  ): Promise<{ readonly transfer: SnapshotTransfer; readonly disk: MemoryFileSystem }> {
    const transport = await this.#transport(name);
    const disk = new MemoryFileSystem();
    const store = new SnapshotStore("/from", disk);
    await store.load();
    await store.save(POSITION, chunks("the state"));
    const openStream: Transport["openStream"] = async (...call) =>
      around(await transport.openStream(...call));
    const outgoing = new Proxy(transport, {
      get: (target, key) =>
        key === "openStream" ? openStream : (Reflect.get(target, key) as unknown),
    });
    return { transfer: new SnapshotTransfer(outgoing, PROTOCOL, store), disk };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.stop()));
  }

  async #transport(name: string): Promise<Transport> {
    const transport = this.#network.transport(name);
    await transport.start();
    this.#transports.push(transport);
    return transport;
  }
}

describe("snapshots on the way", () => {
  it("a sender whose file is damaged fails, and the receiver takes the next one", async () => {
    const nodes = new Nodes();
    await nodes.receiver();
    const { transfer, disk } = await nodes.sender("damaged");
    disk.file("/from/snapshot-7-1").flipBit(10, 0);
    await expect(transfer.send("to", 1)).rejects.toMatchObject({ code: "damaged" });
    const whole = await nodes.sender("whole");
    expect(await whole.transfer.send("to", 1)).toEqual(POSITION);
    expect(nodes.taken).toHaveLength(1);
    await nodes.stop();
  });

  it("a leader that stalls half-way keeps out one of its term, and not one of a later term", async () => {
    const nodes = new Nodes();
    await nodes.receiver();
    let hasStalled = (): void => {};
    const stalled = new Promise<void>((resolve) => (hasStalled = resolve));
    const { transfer } = await nodes.sender("stalls", (stream) => {
      let writes = 0;
      const write = (chunk: Uint8Array): Promise<void> => {
        if (++writes === 1) return stream.write(chunk);
        hasStalled();
        return new Promise(() => {});
      };
      return Object.assign(Object.create(stream) as TransportStream, { write });
    });
    void transfer.send("to", 1);
    await stalled;
    const other = await nodes.sender("other");
    await expect(other.transfer.send("to", 1)).rejects.toMatchObject({ code: "stream-reset" });
    expect(await other.transfer.send("to", 2)).toEqual(POSITION);
    expect(nodes.taken).toEqual([{ term: 2, last: POSITION }]);
    await nodes.stop();
  });
});
