import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { systemClock } from "@quorate/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HEALTHY, Link } from "../src/link.ts";

const FORTH_BLOCKED = { ...HEALTHY, forth: "blocked" } as const;
const BACK_BLOCKED = { ...HEALTHY, back: "blocked" } as const;
const BLOCKED = { forth: "blocked", back: "blocked", delayMs: 0 } as const;

/** A socket that keeps what it got. */
class End {
  readonly socket: Socket;
  got = "";

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (bytes) => (this.got += String(bytes)));
  }

  /** Resolves when all that it got ends in `text`. */
  async has(text: string): Promise<void> {
    while (!this.got.endsWith(text)) await once(this.socket, "data");
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, "close");
  }
}

describe("Link", () => {
  let server: Server;
  let link: Link;
  let arrivals: Socket[];
  let ends: End[];

  beforeEach(async () => {
    arrivals = [];
    ends = [];
    server = createServer((socket) => {
      socket.on("error", () => {});
      arrivals.push(socket);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    link = await Link.listen(portOf(server));
  });

  afterEach(async () => {
    await link.close();
    for (const socket of [...arrivals, ...ends.map((end) => end.socket)]) socket.destroy();
    server.close();
    await once(server, "close");
  });

  async function dial(port: number): Promise<End> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const end = new End(socket);
    ends.push(end);
    return end;
  }

  async function arrival(): Promise<End> {
    if (arrivals.length === 0) await once(server, "connection");
    return new End(arrivals.shift()!);
  }

  /** Both ends of a connection through the link. */
  async function joined(): Promise<{ readonly near: End; readonly far: End }> {
    const near = await dial(link.port);
    return { near, far: await arrival() };
  }

  /** So long that what is not held back would have come: some round trips past the link. */
  async function aWhile(): Promise<void> {
    const near = await dial(portOf(server));
    const far = await arrival();
    for (let round = 1; round <= 50; round++) {
      near.socket.write("x");
      await far.has("x".repeat(round));
      far.socket.write("y");
      await near.has("y".repeat(round));
    }
  }

  it("healthy, it carries bytes both ways, and the end of a connection", async () => {
    const { near, far } = await joined();
    near.socket.write("to you");
    await far.has("to you");
    far.socket.write("and back");
    await near.has("and back");
    near.socket.destroy();
    await far.closed();
    expect(far.socket.closed).toBe(true);
  });

  it("a blocked direction keeps its bytes while the other goes on; opened, they arrive", async () => {
    const { near, far } = await joined();
    link.state = FORTH_BLOCKED;
    near.socket.write("late");
    far.socket.write("in time");
    await near.has("in time");
    await aWhile();
    expect(far.got).toBe("");
    link.state = BACK_BLOCKED;
    await far.has("late");
    far.socket.write("!");
    await aWhile();
    expect(near.got).toBe("in time");
    link.state = HEALTHY;
    await near.has("in time!");
    expect(near.got).toBe("in time!");
  });

  it("across a partition nobody learns that the other side is gone", async () => {
    const { near, far } = await joined();
    link.state = FORTH_BLOCKED;
    near.socket.write("last words");
    near.socket.destroy();
    await aWhile();
    expect([far.got, far.socket.closed]).toEqual(["", false]);
    link.state = HEALTHY;
    await far.closed();
    expect(far.got).toBe("last words");
  });

  it.each([FORTH_BLOCKED, BACK_BLOCKED, BLOCKED])(
    "%j: a new connection reaches the peer once both directions are open",
    async (state) => {
      link.state = state;
      const near = await dial(link.port);
      near.socket.write("hello");
      await aWhile();
      expect(arrivals).toEqual([]);
      link.state = HEALTHY;
      const far = await arrival();
      await far.has("hello");
      expect(far.got).toBe("hello");
    },
  );

  it("a new connection that is given up while blocked never reaches the peer", async () => {
    link.state = BLOCKED;
    const near = await dial(link.port);
    near.socket.destroy();
    await aWhile();
    link.state = HEALTHY;
    const { far } = await joined();
    far.socket.write("the only one");
    await ends.at(-1)!.has("the only one");
    expect(arrivals).toEqual([]);
  });

  it("delayed bytes take the delay at least, each way", async () => {
    const { near, far } = await joined();
    link.state = { ...HEALTHY, delayMs: 40 };
    const sentMs = systemClock.now();
    near.socket.write("ping");
    await far.has("ping");
    expect(systemClock.now() - sentMs).toBeGreaterThanOrEqual(40);
    far.socket.write("pong");
    await near.has("pong");
    expect(systemClock.now() - sentMs).toBeGreaterThanOrEqual(80);
  });

  it("bytes are never reordered, however the delay changes", async () => {
    const { near, far } = await joined();
    const lines = Array.from({ length: 200 }, (_, at) => `line ${at}\n`);
    for (const [at, line] of lines.entries()) {
      link.state = { ...HEALTHY, delayMs: (at * 7) % 20 };
      near.socket.write(line);
      await new Promise(setImmediate);
    }
    await far.has(lines.at(-1)!);
    expect(far.got).toBe(lines.join(""));
  });

  it("more than it holds back is not read from the sender, and none of it is lost", async () => {
    const { near, far } = await joined();
    link.state = FORTH_BLOCKED;
    const bytes = "0123456789abcdef".repeat(192 * 1_024); // 3 MiB
    near.socket.write(bytes);
    near.socket.write("$");
    await aWhile();
    link.state = HEALTHY;
    await far.has("$");
    expect(far.got.length).toBe(bytes.length + 1);
    expect(far.got === `${bytes}$`).toBe(true);
  });
});

function portOf(server: Server): number {
  return (server.address() as { readonly port: number }).port;
}
