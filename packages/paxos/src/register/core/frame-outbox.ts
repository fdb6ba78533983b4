import type { Frame } from "./frame.ts";
import type { Item, Reply, Request } from "./item.ts";

/** A frame on its way out. Several may share one frame, which is then to be encoded once. */
export interface OutgoingFrame {
  readonly to: string;
  readonly message: Frame;
}

/** Gathers what a node has to say in one turn: one frame for all others, and one for each. */
export class FrameOutbox {
  readonly #self: string;
  #toAll: Request[] = [];
  #toOne = new Map<string, Item[]>();
  #toSelf: Item[] = [];
  #control: OutgoingFrame[] = [];

  constructor(self: string) {
    this.#self = self;
  }

  broadcast(request: Request, nodes: readonly string[]): void {
    this.#toAll.push(request);
    if (nodes.includes(this.#self)) this.#toSelf.push(request);
  }

  send(to: string, item: Request | Reply): void {
    if (to === this.#self) {
      this.#toSelf.push(item);
      return;
    }
    const items = this.#toOne.get(to);
    if (items) items.push(item);
    else this.#toOne.set(to, [item]);
  }

  control(to: string, message: Frame): void {
    if (to !== this.#self) this.#control.push({ to, message });
  }

  /** What the node says to itself. */
  takeOwn(): readonly Item[] {
    const own = this.#toSelf;
    if (own.length > 0) this.#toSelf = [];
    return own;
  }

  take(epoch: number, nodes: readonly string[]): readonly OutgoingFrame[] {
    const frames = this.#control;
    this.#control = [];
    if (this.#toAll.length > 0) {
      const message: Frame = { kind: "items", epoch, items: this.#toAll };
      for (const to of nodes) if (to !== this.#self) frames.push({ to, message });
      this.#toAll = [];
    }
    if (this.#toOne.size > 0) {
      for (const [to, items] of this.#toOne) {
        frames.push({ to, message: { kind: "items", epoch, items } });
      }
      this.#toOne = new Map();
    }
    return frames;
  }

  /** What was meant for another epoch need not be sent any more. */
  clear(): void {
    this.#toAll = [];
    this.#toOne = new Map();
    this.#toSelf = [];
  }
}
