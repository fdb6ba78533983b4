import { type DataStream, tumbling } from "../../src/index.ts";
import { isAuction, isPerson, type NexmarkEvent } from "../events.ts";

export interface NewSeller {
  readonly id: number;
  readonly name: string;
  readonly startMs: number;
}

const SIZE_MS = 10_000;

/** New users who list an auction in the 10 s in which they came. */
export function q8(events: DataStream<NexmarkEvent>): DataStream<NewSeller> {
  const persons = events.filter(isPerson).map(({ id, name }) => ({ id, name }));
  const sellers = events.filter(isAuction).map(({ seller }) => seller);
  return persons
    .keyBy(({ id }) => id)
    .join(sellers.keyBy((seller) => seller))
    .window(tumbling(SIZE_MS))
    .coGroup<NewSeller>((news, auctions, { startMs }, emit) => {
      if (auctions.length === 0) return;
      for (const { id, name } of news) emit({ id, name, startMs });
    });
}
