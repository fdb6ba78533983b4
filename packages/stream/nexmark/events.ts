/**
 * An online auction, after P. Tucker et al., "NEXMark: A Benchmark for Queries over Data Streams",
 * 2002. Times are milliseconds since 1970, prices are in cents.
 */
export type NexmarkEvent = Person | Auction | Bid;

export interface Person {
  readonly kind: "person";
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly dateTimeMs: number;
  /** Without meaning: makes the event as large as it is on average. */
  readonly extra: string;
}

export interface Auction {
  readonly kind: "auction";
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly dateTimeMs: number;
  readonly expiresMs: number;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

export interface Bid {
  readonly kind: "bid";
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTimeMs: number;
  readonly extra: string;
}

export const isPerson = (event: NexmarkEvent): event is Person => event.kind === "person";
export const isAuction = (event: NexmarkEvent): event is Auction => event.kind === "auction";
export const isBid = (event: NexmarkEvent): event is Bid => event.kind === "bid";
