import { StreamError } from "../../stream-error.ts";

/** How what older versions of a program kept in a state becomes what this one does. */
export interface StateMigration {
  /** From 2: a state that no version was declared of has 1. */
  readonly version: number;
  /** What a slot of an older version holds in this one; `undefined` empties it. Plain data. */
  readonly migrate: (value: never, fromVersion: number) => unknown;
}

/** Migrations by the name of their state. */
export type StateMigrations = Readonly<Record<string, StateMigration>>;

/** The version of each state that is not of the first. */
export function versionsOf(migrations: StateMigrations): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(migrations).map(([name, one]) => [name, one.version]));
}

/**
 * What turns a layer's values of the state `name` into this version's; undefined: they are of it.
 *
 * @throws {StreamError} `incompatible-state` if they are of a later one
 */
export function migrationOf(
  name: string,
  versions: Readonly<Record<string, number>>,
  migrations: StateMigrations,
): ((value: unknown) => unknown) | undefined {
  const from = versions[name] ?? 1;
  const { version = 1, migrate } = migrations[name] ?? {};
  if (from > version) {
    const rule = `state ${name} is of version ${from}, this program knows ${version}`;
    throw new StreamError(
      "incompatible-state",
      `${rule}: run the program that wrote it, or a later`,
    );
  }
  return from < version && migrate ? (value) => migrate(value as never, from) : undefined;
}
