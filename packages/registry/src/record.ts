import { utf8 } from "@quorate/kv";
import type { Instance } from "./instance.ts";
import { MAX_RECORD_BYTES } from "./instance.ts";
import { requireThat } from "./registry-error.ts";

/**
 * What stands at an instance's key: itself, as JSON; `leaving` where it takes its leave, so that nobody
 * takes the deletion that follows for an expiry.
 */
export interface InstanceRecord {
  readonly instance: Instance;
  readonly leaving: boolean;
}

/** `<prefix><service>/<id>`: neither has a slash in it. */
export function keyOf(prefix: string, { service, id }: Pick<Instance, "service" | "id">): string {
  return `${prefix}${service}/${id}`;
}

/** What `keyOf` was given; undefined for a key that it did not make. */
export function placeOf(
  prefix: string,
  key: Uint8Array,
): Pick<Instance, "service" | "id"> | undefined {
  const [service, id, ...more] = utf8(key).slice(prefix.length).split("/");
  return service && id && more.length === 0 ? { service, id } : undefined;
}

/** @throws {RegistryError} `invalid-option` when it is too large. */
export function encodeRecord({ instance, leaving }: InstanceRecord): string {
  const { service: _, id: __, ...rest } = instance;
  const json = JSON.stringify(leaving ? { ...rest, leaving } : rest);
  const bytes = Buffer.byteLength(json);
  requireThat(
    bytes <= MAX_RECORD_BYTES,
    `an instance takes at most ${MAX_RECORD_BYTES} bytes, not ${bytes}: give it less metadata`,
  );
  return json;
}

/** Undefined for what no registry wrote. */
export function decodeRecord(
  place: Pick<Instance, "service" | "id">,
  value: Uint8Array,
): InstanceRecord | undefined {
  try {
    const { leaving = false, ...rest } = JSON.parse(utf8(value)) as Instance & {
      leaving?: boolean;
    };
    const { host, port, health, checks } = rest;
    const isInstance =
      typeof host === "string" &&
      typeof port === "number" &&
      typeof checks === "object" &&
      ["passing", "warning", "critical"].includes(health);
    return isInstance ? { instance: { ...rest, ...place }, leaving } : undefined;
  } catch {
    return undefined;
  }
}
