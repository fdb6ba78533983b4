import { type NodeId, type Transport, TransportError } from "@quorate/transport";
import { KvError } from "../kv-error.ts";
import { decodeAnswers } from "../protocol/answer-codec.ts";
import { type Answer, MAX_ANSWER_BYTES, MAX_REQUESTS, type Request } from "../protocol/protocol.ts";
import { encodeRequests, MAX_TOGETHER_BYTES } from "../protocol/request-codec.ts";

/** Whoever asked. */
export interface Asker {
  /** Called once: with the answer, or with why there is none. */
  answered(last: Answer | Error): void;
}

/** Requests that travel to one node in one message. All are of one kind, and have the same time. */
class Batch {
  readonly node: NodeId;
  readonly requests: Request[] = [];
  readonly askers: Asker[] = [];
  #bytes = 0;

  constructor(node: NodeId) {
    this.node = node;
  }

  add(request: Request, asker: Asker): void {
    this.requests.push(request);
    this.askers.push(asker);
    this.#bytes += bytesOf(request);
  }

  /** One that is slow must not hold up another: so what takes longer by its nature goes apart. */
  takes(node: NodeId, request: Request): boolean {
    const first = this.requests[0]!;
    return (
      this.node === node &&
      first.kind === request.kind &&
      first.timeoutMs === request.timeoutMs &&
      (first.kind !== "read" ||
        request.kind !== "read" ||
        first.consistency === request.consistency) &&
      this.requests.length < MAX_REQUESTS &&
      this.#bytes + bytesOf(request) <= MAX_TOGETHER_BYTES
    );
  }
}

/** Sends requests: those of one turn of the event loop that are alike in one message. */
export class RequestSender {
  readonly #transport: Transport;
  readonly #protocol: string;
  /** Of this turn. As many requests as calls are under way, at most. */
  #batches: Batch[] = [];

  constructor(transport: Transport, protocol: string) {
    this.#transport = transport;
    this.#protocol = protocol;
  }

  ask(node: NodeId, request: Request, asker: Asker): void {
    let batch = this.#batches.findLast((each) => each.takes(node, request));
    if (!batch) {
      batch = new Batch(node);
      if (this.#batches.push(batch) === 1) queueMicrotask(() => this.#flush());
    }
    batch.add(request, asker);
  }

  #flush(): void {
    const batches = this.#batches;
    this.#batches = [];
    for (const batch of batches) this.#send(batch);
  }

  #send(batch: Batch): void {
    const { node, requests } = batch;
    const { timeoutMs } = requests[0]!;
    const maxAnswerBytes = Math.min(MAX_ANSWER_BYTES, this.#transport.maxMessageBytes >>> 1);
    let message: Uint8Array;
    try {
      message = encodeRequests({ maxAnswerBytes, requests });
    } catch (error) {
      return this.#failed(batch, error as Error);
    }
    this.#transport.request(node, this.#protocol, message, { timeoutMs }).then(
      (answer) => settle(batch, answer),
      (error: Error) => this.#failed(batch, error),
    );
  }

  #failed({ node, requests, askers }: Batch, error: Error): void {
    // The other side may take smaller messages than this one: each by itself is told whether it is too large.
    const isTogether = requests.length > 1;
    if (isTogether && error instanceof TransportError && error.code === "too-large") {
      for (const [at, request] of requests.entries()) {
        const alone = new Batch(node);
        alone.add(request, askers[at]!);
        this.#send(alone);
      }
    } else for (const asker of askers) asker.answered(error);
  }
}

function settle({ askers }: Batch, message: Uint8Array): void {
  const answers = answersIn(message, askers.length);
  for (const [at, asker] of askers.entries()) {
    asker.answered(answers instanceof Error ? answers : (answers[at] ?? answers[0]!));
  }
}

function answersIn(message: Uint8Array, asked: number): Answer[] | Error {
  try {
    const answers = decodeAnswers(message);
    if (answers.length === asked || answers.length === 1) return answers;
    return new KvError("malformed", `${answers.length} answers to ${asked} requests`);
  } catch (error) {
    return error as Error;
  }
}

function bytesOf(request: Request): number {
  return request.kind === "propose" || request.kind === "read" ? request.command.length : 0;
}
