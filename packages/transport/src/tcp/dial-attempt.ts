import type { Socket } from "node:net";
import type { Clock, Timer } from "@quorate/runtime";
import { TransportError } from "../transport-error.ts";
import type { NodeId } from "../transport.ts";
import { encodeGreeting, type Greeting, type Refusal } from "./greeting.ts";
import { type Identity, readGreeting } from "./handshake.ts";
import type { TcpAddress } from "./options.ts";
import { dial } from "./sockets.ts";

export interface DialOutcome {
  onEstablished(socket: Socket, remote: Greeting, rest: Uint8Array): void;
  onFailed(error: TransportError): void;
  /** The other side prefers a connection of this pair that it knows of. */
  onRedundant(): void;
}

/** One attempt to connect to a node. Tells its outcome once, unless it was abandoned. */
export class DialAttempt {
  /** From here on the other side may take this connection for established. */
  greeted = false;
  readonly #peer: NodeId;
  readonly #address: TcpAddress;
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #outcome: DialOutcome;
  readonly #socket: Socket;
  #timer: Timer;
  #over = false;

  constructor(
    peer: NodeId,
    address: TcpAddress,
    identity: Identity,
    clock: Clock,
    outcome: DialOutcome,
  ) {
    this.#peer = peer;
    this.#address = address;
    this.#identity = identity;
    this.#clock = clock;
    this.#outcome = outcome;
    const { connectTimeoutMs, tls } = identity.options;
    this.#timer = this.#failAfter(connectTimeoutMs, "was not reached");
    this.#socket = dial(address, tls, () => this.#greet());
    this.#socket.on("error", (cause) => this.#fail(`cannot be reached: ${cause.message}`, cause));
  }

  /** Nobody wants to know any more. */
  abandon(): void {
    this.#finish();
    this.#socket.destroy();
  }

  #greet(): void {
    const { handshakeTimeoutMs } = this.#identity.options;
    this.#timer.cancel();
    this.#timer = this.#failAfter(handshakeTimeoutMs, "did not greet");
    this.greeted = true;
    this.#socket.write(encodeGreeting(this.#identity.greeting(this.#peer)));
    readGreeting(
      this.#socket,
      (greeting, rest) => this.#answered(greeting, rest),
      (error) => this.#fail(`cannot be talked to: ${error.message}`, error),
    );
  }

  #answered(answer: Greeting | Refusal, rest: Uint8Array): void {
    if (this.#over) return;
    if ("refused" in answer) {
      if (answer.redundant) this.#end(() => this.#outcome.onRedundant());
      else this.#refuse(answer.refused);
      return;
    }
    const wrongName = `${this.#identity.options.nodeId} dialled ${this.#peer}, but that is ${answer.from}`;
    const objection =
      this.#identity.objection(answer, this.#socket) ??
      (answer.from === this.#peer ? undefined : wrongName);
    if (objection === undefined) {
      this.#finish();
      this.#outcome.onEstablished(this.#socket, answer, rest);
    } else {
      this.#refuse(objection);
    }
  }

  #refuse(reason: string): void {
    this.#end(() => this.#outcome.onFailed(new TransportError("refused", reason)));
  }

  #failAfter(timeoutMs: number, what: string): Timer {
    return this.#clock.setTimer(timeoutMs, () => this.#fail(`${what} within ${timeoutMs} ms`));
  }

  #fail(what: string, cause?: Error): void {
    if (this.#over) return;
    const { host, port } = this.#address;
    const message = `${this.#peer} at ${host}:${port} ${what}`;
    this.#end(() => this.#outcome.onFailed(new TransportError("unreachable", message, { cause })));
  }

  #end(tell: () => void): void {
    this.#finish();
    this.#socket.destroy();
    tell();
  }

  #finish(): void {
    this.#over = true;
    this.#timer.cancel();
  }
}
