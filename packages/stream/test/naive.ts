import type { Event } from "./events.ts";

export interface Sum {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly sum: number;
}

/** Every window that any event could be in, and then every event that is in it. */
export function naiveWindows(
  events: readonly Event[],
  sizeMs: number,
  slideMs: number,
): readonly Sum[] {
  const sums: Sum[] = [];
  for (const key of new Set(events.map((event) => event.key))) {
    for (let startMs = -sizeMs * slideMs; startMs <= 400; startMs += slideMs) {
      const endMs = startMs + sizeMs;
      const inside = events.filter(
        ({ key: of, atMs }) => of === key && atMs >= startMs && atMs < endMs,
      );
      if (inside.length > 0) sums.push({ key, startMs, endMs, sum: sumOf(inside) });
    }
  }
  return sums;
}

/** Sorted by time, cut where a gap is longer than `gapMs`. */
export function naiveSessions(events: readonly Event[], gapMs: number): readonly Sum[] {
  const sums: Sum[] = [];
  for (const key of new Set(events.map((event) => event.key))) {
    let session: Event[] = [];
    const close = (): void => {
      const [first, last] = [session[0], session.at(-1)];
      if (!first || !last) return;
      const endMs = last.atMs + gapMs;
      sums.push({ key, startMs: first.atMs, endMs, sum: sumOf(session) });
      session = [];
    };
    for (const event of events
      .filter((one) => one.key === key)
      .toSorted((a, b) => a.atMs - b.atMs)) {
      const last = session.at(-1);
      if (last && event.atMs - last.atMs > gapMs) close();
      session.push(event);
    }
    close();
  }
  return sums;
}

export function sumOf(events: readonly Event[]): number {
  return events.reduce((sum, { value }) => sum + value, 0);
}
