import type { Socket } from "node:net";
import type { Clock } from "@quorate/runtime";
import { encodeGreeting, type Greeting } from "./greeting.ts";
import { type Identity, refusalOf } from "./handshake.ts";

/** A connection that another node dialled and greeted on, and that nobody has answered yet. */
export class Incoming {
  readonly socket: Socket;
  readonly remote: Greeting;
  readonly rest: Uint8Array;
  readonly #identity: Identity;
  readonly #clock: Clock;

  constructor(
    socket: Socket,
    remote: Greeting,
    rest: Uint8Array,
    identity: Identity,
    clock: Clock,
  ) {
    this.socket = socket;
    this.remote = remote;
    this.rest = rest;
    this.#identity = identity;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  get remoteAddress(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  accept(): void {
    this.socket.write(encodeGreeting(this.#identity.greeting(this.remote.from)));
  }

  /** Says why, naming both nodes, and closes. */
  refuse(reason: string, redundant: boolean): void {
    // The other side closes once it has read why; if it does not, its time is over anyway.
    const { handshakeTimeoutMs } = this.#identity.options;
    const timer = this.#clock.setTimer(handshakeTimeoutMs, () => this.socket.destroy());
    this.socket.once("close", () => timer.cancel());
    this.socket.end(refusalOf(reason, redundant)).resume();
  }
}
