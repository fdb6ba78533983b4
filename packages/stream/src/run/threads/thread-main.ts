import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@quorate/runtime";
import type { ExchangeBatch } from "../../core/exchange/exchange-batch.ts";
import { SubtaskLoop } from "../subtask-loop.ts";
import { loadProgram } from "./load-program.ts";
import {
  type PeerMessage,
  sentError,
  type ThreadCommand,
  type ThreadData,
  type ThreadEvent,
} from "./thread-messages.ts";

/** One subtask in a thread: does what it is told, and exchanges batches with the other threads. */
class ThreadSubtask {
  readonly #parent: MessagePort;
  readonly #data: ThreadData;
  readonly #peers: readonly (MessagePort | null)[];
  #loop: SubtaskLoop | undefined;
  /** Came before this thread was ready. */
  readonly #early: (() => void)[] = [];

  constructor(parent: MessagePort, data: ThreadData) {
    this.#parent = parent;
    this.#data = data;
    this.#peers = data.peers;
    this.#peers.forEach((peer, subtask) => {
      peer?.on("message", (message: PeerMessage) => this.#hearPeer(subtask, message));
    });
    parent.on("message", (command: ThreadCommand) => {
      this.#obey(command).catch((error: unknown) => this.#fail(error));
    });
  }

  async #obey(command: ThreadCommand): Promise<void> {
    switch (command.kind) {
      case "start":
        await this.#start();
        return this.#say({ kind: "started" });
      case "barrier":
        return this.#loop?.barrier(command.id, command.isFinal);
      case "commit":
        await this.#loop?.commit(command.id);
        return this.#say({ kind: "committed", id: command.id });
      case "metrics": {
        const metrics = await this.#loop?.metrics();
        return metrics && this.#say({ kind: "metrics", metrics });
      }
      case "close":
        await this.#loop?.close();
        return this.#say({ kind: "closed" });
    }
  }

  async #start(): Promise<void> {
    const { program, argument, subtask, subtasks, restored, options } = this.#data;
    const { pipeline, codec } = await loadProgram(program, argument);
    const { batchRecords, credits, ...rest } = options;
    const loop = new SubtaskLoop(
      pipeline.graph,
      {
        ...rest,
        codec,
        clock: systemClock,
        subtask,
        subtasks,
        restored,
        exchange: {
          batchRecords,
          credits,
          send: (edge, target, batch) => this.#send(edge, target, batch),
          onHandedOn: (edge, writer) => this.#credit(edge, writer),
        },
      },
      {
        onPart: (part) => this.#say({ kind: "part", part }),
        onEnded: () => this.#say({ kind: "ended" }),
        onFailed: (error) => this.#fail(error),
      },
    );
    await loop.open();
    this.#loop = loop;
    for (const hear of this.#early.splice(0)) hear();
    loop.run();
  }

  #send(edge: number, target: number, batch: ExchangeBatch): void {
    const { subtask } = this.#data;
    const peer = this.#peers[target];
    if (!peer) {
      this.#loop?.subtask.job.gates[edge]?.receive(subtask, batch);
      return this.#loop?.wake();
    }
    const message: PeerMessage = { edge, batch };
    peer.postMessage(message, buffersOf(batch));
  }

  #credit(edge: number, writer: number): void {
    const peer = this.#peers[writer];
    const message: PeerMessage = { edge, credit: 1 };
    if (peer) peer.postMessage(message, []);
    else this.#loop?.subtask.job.outputs[edge]?.credit(writer, 1);
  }

  #hearPeer(peer: number, message: PeerMessage): void {
    const loop = this.#loop;
    if (!loop) return void this.#early.push(() => this.#hearPeer(peer, message));
    const { job } = loop.subtask;
    if ("batch" in message) job.gates[message.edge]?.receive(peer, message.batch);
    else job.outputs[message.edge]?.credit(peer, message.credit);
    loop.wake();
  }

  #fail(error: unknown): void {
    this.#say({ kind: "failed", error: sentError(error) });
  }

  #say(event: ThreadEvent): void {
    this.#parent.postMessage(event, []);
  }
}

/** What can be handed over without a copy: buffers that nothing else is in. */
function buffersOf({ values, timestampsMs, marks }: ExchangeBatch): ArrayBuffer[] {
  const views: readonly ArrayBufferView[] = [
    timestampsMs,
    marks,
    ...(values instanceof Uint8Array ? [values] : []),
  ];
  return views.flatMap(({ buffer, byteLength }) => {
    const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
    return isAlone && byteLength > 0 ? [buffer] : [];
  });
}

// The program of a worker thread; loaded elsewhere, it does nothing.
if (parentPort) {
  const subtask = new ThreadSubtask(parentPort, workerData as ThreadData);
  void subtask;
}
