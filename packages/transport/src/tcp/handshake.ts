import type { Socket } from "node:net";
import { TransportError } from "../transport-error.ts";
import {
  encodeGreeting,
  type Greeting,
  GreetingDecoder,
  PROTOCOL_VERSION,
  type Refusal,
} from "./greeting.ts";
import type { CheckedTcpOptions } from "./options.ts";
import { certifies } from "./sockets.ts";

/** Who this node is, in the handshakes of one start. */
export class Identity {
  readonly options: CheckedTcpOptions;
  readonly #incarnation = globalThis.crypto.randomUUID();
  #sequence = 0;

  constructor(options: CheckedTcpOptions) {
    this.options = options;
  }

  greeting(to: string): Greeting {
    const { nodeId, clusterId, limits } = this.options;
    return {
      version: PROTOCOL_VERSION,
      clusterId,
      from: nodeId,
      to,
      incarnation: this.#incarnation,
      sequence: ++this.#sequence,
      maxMessageBytes: limits.maxMessageBytes,
      streamWindowBytes: limits.streamWindowBytes,
    };
  }

  /** Why that node is not to be talked to, naming both; undefined when all is well. */
  objection(remote: Greeting, socket: Socket): string | undefined {
    const { nodeId, clusterId, tls } = this.options;
    if (remote.version !== PROTOCOL_VERSION) {
      const other = remote.from ?? "the other side";
      return `${nodeId} speaks protocol version ${PROTOCOL_VERSION}, ${other} ${remote.version}`;
    }
    const { from, to } = remote;
    if (remote.clusterId !== clusterId) {
      return `${nodeId} is of cluster ${clusterId}, ${from} of cluster ${remote.clusterId}`;
    }
    if (to !== nodeId) return `${from} dialled ${to}, but this is ${nodeId}`;
    if (from === nodeId) return `the other side is named ${from} as this node, ${nodeId}, is`;
    if (tls && !certifies(socket, from)) {
      return `the certificate that ${from} presented to ${nodeId} does not name ${from}`;
    }
    return undefined;
  }
}

export function refusalOf(reason: string, redundant: boolean): Uint8Array {
  const refusal: Refusal = { version: PROTOCOL_VERSION, refused: reason, redundant };
  return encodeGreeting(refusal);
}

/**
 * Reads one greeting from a socket, then leaves the socket paused and without our listeners, save
 * one that swallows errors until the next owner comes.
 */
export function readGreeting(
  socket: Socket,
  onGreeting: (greeting: Greeting | Refusal, rest: Uint8Array) => void,
  onFailure: (error: TransportError) => void,
): void {
  const decoder = new GreetingDecoder();
  const finish = (): void => {
    socket.off("data", read).off("close", closed).pause();
  };
  const read = (chunk: Buffer): void => {
    try {
      const complete = decoder.push(chunk);
      if (!complete) return;
      finish();
      onGreeting(complete.greeting, complete.rest);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      finish();
      onFailure(error);
    }
  };
  const closed = (): void => {
    finish();
    onFailure(new TransportError("unreachable", "the other side closed it before it greeted"));
  };
  socket.on("data", read).once("close", closed);
}
