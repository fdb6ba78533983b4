import type { ClusterConfig } from "./cluster-config.ts";

/** Requests and answers are JSON. */
export const CONFIG_PROTOCOL = "quorate/reference-cluster/config";

export type ConfigRequest =
  | { readonly kind: "get" }
  | { readonly kind: "set"; readonly name: string; readonly value: string };

export type ConfigAnswer =
  | { readonly kind: "config"; readonly config: ClusterConfig }
  /** The request asks for what cannot be. */
  | { readonly kind: "refused"; readonly reason: string }
  /** No quorum of the register answered: nothing was changed, or, if `isUnknown`, perhaps. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly isUnknown: boolean };

export function encodeJson(message: ConfigRequest | ConfigAnswer): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

export function decodeJson<T extends ConfigRequest | ConfigAnswer>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
