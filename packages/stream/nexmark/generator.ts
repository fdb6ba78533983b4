import type { Auction, Bid, NexmarkEvent, Person } from "./events.ts";
import { JavaRandom } from "./java-random.ts";
import { randomExtra, randomText } from "./random-text.ts";

export interface GeneratorOptions {
  /** Of event time. A whole number from 1. @default 10,000 */
  readonly eventsPerSecond?: number;
  /** Events of a group come in another order than that of their times. @default 1: in order */
  readonly outOfOrderGroupSize?: number;
}

/** Of the first event. */
export const BASE_TIME_MS: number = Date.UTC(2015, 6, 15);

const PERSONS = 1;
const AUCTIONS = 3;
/** Persons, auctions and 46 bids: each 50 events are one epoch. */
const EPOCH = 50;
const FIRST_ID = 1_000;
const FIRST_CATEGORY = 10;
const CATEGORIES = 5;
/** Ids that do not exist yet, but will soon, may be referred to. */
const LEAD = 10;
const ACTIVE_PEOPLE = 1_000;
const IN_FLIGHT_AUCTIONS = 100;
/** One of so many sellers and bidders, auctions is not a hot one. */
const HOT_SELLERS = 4;
const HOT_AUCTIONS = 2;
const HOT_BIDDERS = 4;
const HOT_CHANNELS = 2;
/** The hot one is the first (of bidders: the second) of each hundred. */
const HOT_EVERY = 100;
const CHANNELS = 10_000;
const BYTES = { person: 200, auction: 500, bid: 100 };

const STATES = "AZ,CA,ID,OR,WA,WY".split(",");
const CITIES =
  "Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne".split(",");
const FIRST_NAMES = "Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter".split(",");
const LAST_NAMES = "Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris".split(",");

/**
 * Makes the events of Nexmark as Apache Beam's generator does, with the channels and URLs that Flink's
 * adds to bids: each is a function of its number, which seeds a `java.util.Random`. Persons, auctions
 * and bids come 1 : 3 : 46; most sell, bid and are bid on at a few hot ids.
 */
export class NexmarkGenerator {
  readonly #delayUs: number;
  readonly #groupSize: number;

  constructor({ eventsPerSecond = 10_000, outOfOrderGroupSize = 1 }: GeneratorOptions = {}) {
    this.#delayUs = Math.max(1, Math.round(1_000_000 / eventsPerSecond));
    this.#groupSize = outOfOrderGroupSize;
  }

  /** The events of these numbers. */
  *events(from: number, to: number): Generator<NexmarkEvent> {
    for (let number = from; number < to; number++) yield this.event(number);
  }

  event(number: number): NexmarkEvent {
    const id = this.#adjusted(number);
    const random = new JavaRandom(id);
    const atMs = this.#timeMs(id);
    const place = id % EPOCH;
    if (place < PERSONS) return person(id, random, atMs);
    if (place < PERSONS + AUCTIONS) return auction(id, random, atMs, this.#horizonMs(id, atMs));
    return bid(id, random, atMs);
  }

  #adjusted(number: number): number {
    const size = this.#groupSize;
    return Math.floor(number / size) * size + ((number * 953) % size);
  }

  #timeMs(id: number): number {
    return BASE_TIME_MS + Math.floor((id * this.#delayUs) / 1_000);
  }

  /** How long it takes to make as many auctions as are in flight. */
  #horizonMs(id: number, atMs: number): number {
    const events = Math.floor((IN_FLIGHT_AUCTIONS * EPOCH) / AUCTIONS);
    return this.#timeMs(id + events) - atMs;
  }
}

function person(id: number, random: JavaRandom, dateTimeMs: number): Person {
  const name = `${oneOf(FIRST_NAMES, random)} ${oneOf(LAST_NAMES, random)}`;
  const email = `${randomText(random, 7)}@${randomText(random, 5)}.com`;
  const fours = [0, 1, 2, 3].map(() => String(random.nextInt(10_000)).padStart(4, "0"));
  const creditCard = fours.join(" ");
  const city = oneOf(CITIES, random);
  const state = oneOf(STATES, random);
  const texts = [name, email, creditCard, city, state];
  const size = texts.reduce((sum, { length }) => sum + length, 8);
  const extra = randomExtra(random, size, BYTES.person);
  return {
    kind: "person",
    id: lastPerson(id) + FIRST_ID,
    name,
    email,
    creditCard,
    city,
    state,
    dateTimeMs,
    extra,
  };
}

function auction(id: number, random: JavaRandom, dateTimeMs: number, horizonMs: number): Auction {
  const isHot = random.nextInt(HOT_SELLERS) > 0;
  const seller = isHot ? hot(lastPerson(id)) : nextPerson(id, random);
  const category = FIRST_CATEGORY + random.nextInt(CATEGORIES);
  const initialBid = nextPrice(random);
  const expiresMs = dateTimeMs + 1 + random.nextInt(Math.max(horizonMs * 2, 1));
  const itemName = randomText(random, 20);
  const description = randomText(random, 100);
  const reserve = initialBid + nextPrice(random);
  const size = 8 + itemName.length + description.length + 5 * 8;
  const extra = randomExtra(random, size, BYTES.auction);
  return {
    kind: "auction",
    id: lastAuction(id) + FIRST_ID,
    itemName,
    description,
    initialBid,
    reserve,
    dateTimeMs,
    expiresMs,
    seller: seller + FIRST_ID,
    category,
    extra,
  };
}

function bid(id: number, random: JavaRandom, dateTimeMs: number): Bid {
  const isHotAuction = random.nextInt(HOT_AUCTIONS) > 0;
  const of = isHotAuction ? hot(lastAuction(id)) : nextAuction(id, random);
  const isHotBidder = random.nextInt(HOT_BIDDERS) > 0;
  const bidder = isHotBidder ? hot(lastPerson(id)) + 1 : nextPerson(id, random);
  const price = nextPrice(random);
  const isHotChannel = random.nextInt(HOT_CHANNELS) > 0;
  const { channel, url } = isHotChannel
    ? oneOf(hotChannels, random)
    : channelOf(random.nextInt(CHANNELS));
  const extra = randomExtra(random, 4 * 8, BYTES.bid);
  return {
    kind: "bid",
    auction: of + FIRST_ID,
    bidder: bidder + FIRST_ID,
    price,
    channel,
    url,
    dateTimeMs,
    extra,
  };
}

interface Channel {
  readonly channel: string;
  readonly url: string;
}

const hotChannels: readonly Channel[] = ["Google", "Facebook", "Baidu", "Apple"].map(
  (channel, at) => ({ channel, url: baseUrl(new JavaRandom(CHANNELS + at)) }),
);
const channels = new Map<number, Channel>();

/** Nine of ten have their id in the URL. */
function channelOf(number: number): Channel {
  const known = channels.get(number);
  if (known) return known;
  const random = new JavaRandom(number);
  const url = baseUrl(random);
  const hasId = random.nextInt(10) > 0;
  const made = {
    channel: `channel-${number}`,
    url: hasId ? `${url}&channel_id=${Math.abs(reversedBits(number))}` : url,
  };
  channels.set(number, made);
  return made;
}

function baseUrl(random: JavaRandom): string {
  const folders = [0, 1, 2].map(() => randomText(random, 5, "_"));
  return `https://www.nexmark.com/${folders.join("/")}/item.htm?query=1`;
}

function reversedBits(number: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed |= ((number >>> bit) & 1) << (31 - bit);
  return reversed;
}

function nextPrice(random: JavaRandom): number {
  return Math.round(10 ** (random.nextDouble() * 6) * 100);
}

function oneOf<T>(all: readonly T[], random: JavaRandom): T {
  return all[random.nextInt(all.length)] as T;
}

function hot(last: number): number {
  return Math.floor(last / HOT_EVERY) * HOT_EVERY;
}

/** The last person (from 0) that there is when event `id` is made; that one itself if it is one. */
function lastPerson(id: number): number {
  return Math.floor(id / EPOCH) * PERSONS + Math.min(id % EPOCH, PERSONS - 1);
}

/** The last auction (from 0), likewise. */
function lastAuction(id: number): number {
  const epoch = Math.floor(id / EPOCH);
  const place = (id % EPOCH) - PERSONS;
  if (place < 0) return epoch * AUCTIONS - 1;
  return epoch * AUCTIONS + Math.min(place, AUCTIONS - 1);
}

/** One of those who are active, or soon will be. */
function nextPerson(id: number, random: JavaRandom): number {
  const people = lastPerson(id) + 1;
  const active = Math.min(people, ACTIVE_PEOPLE);
  return people - active + random.nextInt(active + LEAD);
}

/** One of those that are likely to be open, or soon will be. */
function nextAuction(id: number, random: JavaRandom): number {
  const last = lastAuction(id);
  const first = Math.max(last - IN_FLIGHT_AUCTIONS, 0);
  return first + random.nextInt(last - first + 1 + LEAD);
}
