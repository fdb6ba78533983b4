import type { Sample } from "@quorate/bench";

const KEYS = 16_384;
const MAX_WINDOWS = 100;
const BUDGET_US = 500_000;

/** Distinct keys of 16 bytes, each in one piece, as a parser makes them of what came in. */
export function sixteenByteKeys(count: number, salt = ""): string[] {
  return Array.from({ length: count }, (_, index) => {
    const text = `${salt}${(index * 2_654_435_761) % 2 ** 32}`;
    return flat(text.padStart(16, "session:00000000"));
  });
}

/** The same text, copied: `+` and `padStart` make strings that are trees of their parts. */
export function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

const LOOKUP_KEYS = sixteenByteKeys(KEYS);

/**
 * Millions of calls a second of processor time, by the fastest of up to 100 passes over 16,384
 * keys: on a shared machine the slower ones measure the neighbours.
 */
export function rate(
  call: (key: string) => unknown,
  keys: readonly string[] = LOOKUP_KEYS,
): Sample {
  let fastest = Infinity;
  let spent = 0;
  for (let window = 0; window < MAX_WINDOWS && spent < BUDGET_US; window++) {
    const before = process.cpuUsage();
    for (let at = 0; at < keys.length; at++) sink = call(keys[at] as string);
    const { user, system } = process.cpuUsage(before);
    fastest = Math.min(fastest, user + system);
    spent += user + system;
  }
  return { value: keys.length / fastest };
}

/** What was called last: so that no call can be left out. */
export let sink: unknown;

/** Milliseconds of processor time of the fastest of `times` calls, each after `setUp`. */
export function fastestMs<T>(times: number, setUp: () => T, work: (subject: T) => void): Sample {
  let fastest = Infinity;
  for (let time = 0; time < times; time++) {
    const subject = setUp();
    const before = process.cpuUsage();
    work(subject);
    const { user, system } = process.cpuUsage(before);
    fastest = Math.min(fastest, (user + system) / 1_000);
  }
  return { value: fastest };
}
