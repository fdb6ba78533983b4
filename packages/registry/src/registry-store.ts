import type { KvClient } from "@quorate/kv";

/** What a registry needs of its store: a client of `@quorate/kv` has it all. */
export type RegistryStore = Pick<KvClient, "range" | "transaction" | "watch" | "grantLease">;
