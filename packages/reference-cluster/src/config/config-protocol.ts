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

export function encodeRequest(request: ConfigRequest): Uint8Array {
  return encodeJson(request);
}

export function decodeRequest(bytes: Uint8Array): ConfigRequest {
  return decodeJson(bytes) as ConfigRequest;
}

export function encodeAnswer(answer: ConfigAnswer): Uint8Array {
  return encodeJson(answer);
}

export function decodeAnswer(bytes: Uint8Array): ConfigAnswer {
  return decodeJson(bytes) as ConfigAnswer;
}

function encodeJson(message: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
