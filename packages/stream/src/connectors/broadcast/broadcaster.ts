import { type Frame, ReplayRing } from "./replay-ring.ts";

/** A connection to a client. */
export interface Outlet {
  /** Whether there is room for more; if not, the client is told by `hasRoom` when there is. */
  write(frame: Frame): boolean;
  /** It is too slow. */
  cutOff(): void;
  /** Something that keeps the connection alive. */
  beat(): void;
  end(): void;
}

export interface BroadcastCounts {
  /** Connected now. */
  readonly clients: number;
  /** Cut off: `replayBytes` behind. */
  readonly slowClients: number;
  /** Turned away: what they asked to go on after is not kept any more. */
  readonly lateClients: number;
  /** Turned away: there were `maxClients`. */
  readonly refusedClients: number;
}

interface Client {
  readonly outlet: Outlet;
  next: number;
  hasRoom: boolean;
}

/**
 * Frames to many clients. There is one buffer, the ring, and each client reads it at its own speed; one
 * that the ring has overtaken is cut off. So a slow client costs neither memory nor time of others.
 */
export class Broadcaster {
  readonly #ring: ReplayRing;
  readonly #clients = new Set<Client>();
  readonly #counts = { slowClients: 0, lateClients: 0, refusedClients: 0 };
  readonly #maxClients: number;
  /** Sets apart numbers that were counted from different starts; "" before there is anything. */
  #run = "";

  constructor(replayBytes: number, maxClients: number) {
    this.#ring = new ReplayRing(replayBytes);
    this.#maxClients = maxClients;
  }

  get counts(): BroadcastCounts {
    return { clients: this.#clients.size, ...this.#counts };
  }

  get run(): string {
    return this.#run;
  }

  /** The number of the frame that comes next. */
  get next(): number {
    return this.#ring.next;
  }

  /** What a client may ask to go on after. */
  idOf(number: number): string {
    return `${this.#run}.${number}`;
  }

  /** Whether one more client may begin after this id: now, if it has none. */
  admits(after: string | undefined): "yes" | "full" | "late" {
    if (this.#run === "" || this.#clients.size >= this.#maxClients) {
      this.#counts.refusedClients++;
      return "full";
    }
    if (this.#start(after) !== undefined) return "yes";
    this.#counts.lateClients++;
    return "late";
  }

  /** Begins to send to a client that was admitted. */
  add(outlet: Outlet, after: string | undefined): { hasRoom(): void; remove(): void } {
    const client = { outlet, next: this.#start(after) ?? this.#ring.next, hasRoom: true };
    this.#clients.add(client);
    this.#send(client);
    return {
      hasRoom: () => {
        client.hasRoom = true;
        if (this.#clients.has(client)) this.#send(client);
      },
      remove: () => void this.#clients.delete(client),
    };
  }

  /** Numbers are counted anew, or as a checkpoint has it; ids of another run are not known any more. */
  begin(run: string, next: number): void {
    this.#run = run;
    this.#ring.reset(next);
    for (const client of this.#clients) client.next = next;
  }

  publish(frames: readonly Frame[]): void {
    for (const frame of frames) this.#ring.push(frame);
    for (const client of this.#clients) {
      if (client.next >= this.#ring.first) {
        this.#send(client);
        continue;
      }
      this.#clients.delete(client);
      this.#counts.slowClients++;
      client.outlet.cutOff();
    }
  }

  beat(): void {
    for (const { outlet, hasRoom } of this.#clients) if (hasRoom) outlet.beat();
  }

  end(): void {
    for (const { outlet } of this.#clients) outlet.end();
    this.#clients.clear();
  }

  #start(after: string | undefined): number | undefined {
    if (after === undefined) return this.#ring.next;
    const [run, number = ""] = after.split(".");
    const next = Number(number) + 1;
    if (run !== this.#run || !/^\d+$/.test(number)) return undefined;
    return next >= this.#ring.first && next <= this.#ring.next ? next : undefined;
  }

  #send(client: Client): void {
    while (client.hasRoom) {
      const frame = this.#ring.get(client.next);
      if (!frame) return;
      client.next++;
      client.hasRoom = client.outlet.write(frame);
    }
  }
}
