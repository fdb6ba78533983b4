import { VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type Transport } from "@quorate/transport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKvClient, encodeCommand, type KvClient, KvStateMachine, put } from "../src/index.ts";
import { encodeAnswers } from "../src/protocol/answer-codec.ts";
import {
  type Answer,
  MAX_ANSWER_BYTES,
  MAX_REQUESTS,
  type Request,
} from "../src/protocol/protocol.ts";
import { decodeRequests, MAX_TOGETHER_BYTES } from "../src/protocol/request-codec.ts";
import { protocolOf } from "../src/protocol/store-protocol.ts";
import { TestCluster } from "./test-cluster.ts";

/** A node that answers reads from a store, and shows the messages that it was asked. */
class ShownNode {
  readonly clock = new VirtualClock();
  readonly messages: (readonly Request[])[] = [];
  readonly machine = new KvStateMachine();
  readonly #maxMessageBytes: number;
  readonly #started: Transport[] = [];
  /** Of answers to a message of several; undefined answers none. */
  shorten: (answers: readonly Answer[]) => readonly Answer[] | undefined = (answers) => answers;

  constructor(maxMessageBytes: number = 16_777_216) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  async start(): Promise<KvClient> {
    const maxMessageBytes = this.#maxMessageBytes;
    const network = createMemoryNetwork({ maxMessageBytes }, { clock: this.clock });
    const [node, own] = [network.transport("node"), network.transport("own")];
    node.onRequest(protocolOf(undefined), (_from, message) => this.#answer(message));
    this.#started.push(node, own);
    await Promise.all([node.start(), own.start()]);
    return createKvClient({ nodes: ["node"] }, { transport: own, clock: this.clock });
  }

  write(...pairs: readonly (readonly [string, string])[]): void {
    for (const [key, value] of pairs) {
      this.machine.apply([{ index: 1, command: encodeCommand(put(key, value)) }]);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((each) => each.stop()));
  }

  #answer(message: Uint8Array): Promise<Uint8Array> | Uint8Array {
    const { requests, maxAnswerBytes } = decodeRequests(message);
    this.messages.push(requests);
    const all = requests.map((request): Answer => {
      if (request.kind !== "read") return { kind: "unreadable", leader: undefined };
      return { kind: "value", index: 1, result: this.machine.query(request.command) };
    });
    const answers = this.shorten(all);
    return answers ? encodeAnswers(answers, maxAnswerBytes) : new Promise(() => {});
  }
}

const KEYS = Array.from({ length: 10 }, (_, at) => `k${at}`);

describe("calls of one turn", () => {
  let node: ShownNode;
  let client: KvClient;

  beforeEach(async () => {
    node = new ShownNode();
    client = await node.start();
    node.write(...KEYS.map((key) => [key, key.repeat(3)] as const));
  });
  afterEach(() => node.stop());

  async function got(keys: readonly string[]): Promise<string[]> {
    const all = Promise.all(keys.map((key) => client.get(key)));
    await node.clock.advance(50);
    return (await all).map((kv) => Buffer.from(kv?.value ?? []).toString());
  }

  it("travel in one message, and each has its own answer", async () => {
    expect(await got(KEYS)).toEqual(KEYS.map((key) => key.repeat(3)));
    expect(node.messages.map(({ length }) => length)).toEqual([KEYS.length]);
  });

  it("travel apart where one may take longer than the other: kind, consistency, time", async () => {
    const calls = [
      client.get("k0"),
      client.get("k1", { consistency: "stale" }),
      client.get("k2", { timeoutMs: 100 }),
      client.leases({ timeoutMs: 20 }).catch(() => []),
      client.get("k3"),
    ];
    await node.clock.advance(50);
    await Promise.all(calls);
    expect(node.messages.slice(0, 4).map(({ length }) => length)).toEqual([2, 1, 1, 1]);
  });

  it("are bounded in number and bytes a message", async () => {
    const keys = Array.from({ length: MAX_REQUESTS + 1 }, (_, at) => `many/${at}`);
    await got(keys);
    expect(node.messages.map(({ length }) => length)).toEqual([MAX_REQUESTS, 1]);
    node.messages.length = 0;
    await got(["a", "b", "c"].map((key) => key.repeat(MAX_TOGETHER_BYTES / 2)));
    expect(node.messages.map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  it("are asked for again, at once, where the answer had no room for theirs", async () => {
    const large = "v".repeat(MAX_ANSWER_BYTES / 2);
    node.write(...KEYS.map((key) => [key, large] as const));
    expect(await got(KEYS)).toEqual(KEYS.map(() => large));
    expect(node.messages.map(({ length }) => length)).toEqual([10, 8, 6, 4, 2]);
  });

  it("go alone to a node that takes no message as large as theirs together", async () => {
    await node.stop();
    node = new ShownNode(2_048);
    client = await node.start();
    const keys = KEYS.map((key) => key.repeat(200));
    node.write(...keys.map((key) => [key, "v"] as const));
    expect(await got(keys)).toEqual(keys.map(() => "v"));
    expect(node.messages.map(({ length }) => length)).toEqual(KEYS.map(() => 1));
  });

  it("share an answer that stands for all, and an answer that makes no sense is that of none", async () => {
    node.shorten = (answers) => {
      node.shorten = (same) => same;
      return answers.slice(1);
    };
    expect(await got(KEYS)).toEqual(KEYS.map((key) => key.repeat(3)));
    node.shorten = () => [{ kind: "refused", code: "malformed" }];
    const two = Promise.allSettled([client.get("a"), client.get("b")]);
    await node.clock.advance(50);
    const malformed = {
      status: "rejected",
      reason: expect.objectContaining({ code: "malformed" }),
    };
    expect(await two).toEqual([malformed, malformed]);
  });

  it("a signal gives up its own, and none of the others", async () => {
    node.shorten = () => undefined;
    const gone = new AbortController();
    const [given, other] = [client.get("k0", { signal: gone.signal }), client.get("k1")];
    await node.clock.advance(5);
    gone.abort(new Error("gave up"));
    await expect(given).rejects.toThrow("gave up");
    node.shorten = (answers) => answers;
    await node.clock.advance(2_000);
    expect(await other).toMatchObject({ version: 1 });
    expect(node.messages[0]).toHaveLength(2);
  });
});

describe("a node", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  it("asks its log once for the reads of a turn, and makes no answer that it has no room for", async () => {
    cluster = new TestCluster();
    const client = await cluster.start();
    const value = Buffer.alloc(MAX_ANSWER_BYTES / 2, "v");
    for (const key of KEYS) await cluster.settled(client.put(key, value));
    cluster.asked.length = 0;
    let queries = 0;
    const { machine } = cluster.machine;
    const query = machine.query.bind(machine);
    machine.query = (command) => {
      queries++;
      return query(command);
    };
    const all = await cluster.settled(Promise.all(KEYS.map((key) => client.get(key))));
    expect(all.map((kv) => kv?.value.length)).toEqual(KEYS.map(() => value.length));
    expect(cluster.asked).toEqual(["a", "a", "a", "a", "a"]);
    expect(queries).toBe(KEYS.length);
  });
});
