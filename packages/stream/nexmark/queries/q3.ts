import type { DataStream } from "../../src/index.ts";
import { type Auction, isAuction, isPerson, type NexmarkEvent } from "../events.ts";

export interface LocalItem {
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly auction: number;
}

const STATES: ReadonlySet<string> = new Set(["OR", "ID", "CA"]);
const CATEGORY = 10;

/** Local item suggestion: who sells in some states what category. A join without a window. */
export function q3(events: DataStream<NexmarkEvent>): DataStream<LocalItem> {
  const sellers = events.filter(isPerson).filter(({ state }) => STATES.has(state));
  const auctions = events.filter(isAuction).filter(({ category }) => category === CATEGORY);
  return sellers
    .keyBy(({ id }) => id)
    .connect(auctions.keyBy(({ seller }) => seller))
    .process<LocalItem>((context) => {
      const person = context.state.value<Omit<LocalItem, "auction">>("seller");
      const waiting = context.state.list<number>("auctions");
      const emit = (of: Omit<LocalItem, "auction">, auction: number): void =>
        context.emit({ ...of, auction });
      return {
        onLeft({ name, city, state }) {
          const seller = { name, city, state };
          person.set(seller);
          for (const auction of waiting.get()) emit(seller, auction);
          waiting.clear();
        },
        onRight({ id }: Auction) {
          const seller = person.get();
          if (seller) emit(seller, id);
          else waiting.add(id);
        },
      };
    });
}
