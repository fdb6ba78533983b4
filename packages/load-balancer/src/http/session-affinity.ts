import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { LoadBalancer } from "../load-balancer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { PickContext } from "../pick.ts";

/**
 * How the requests of one session find the same endpoint.
 *
 * - `cookie`: the proxy sets it to a digest of the endpoint's id, which tells clients nothing of the
 *   fleet. The session moves on when its endpoint is not healthy.
 * - `header`: its value is the pick's hash key, for ring hash, Maglev and bounded load.
 */
export type SessionAffinity =
  | {
      readonly cookie: string;
      /** What follows the cookie's value. @default "; Path=/; HttpOnly; SameSite=Lax" */
      readonly attributes?: string;
    }
  | { readonly header: string };

/** Bytes of the digest: 2^-96 for two of a fleet's endpoints to be confused. */
const DIGEST_BYTES = 12;

/** The cookies of a fleet. */
export class CookieAffinity {
  readonly #balancer: LoadBalancer;
  readonly #name: string;
  readonly #attributes: string;
  /** Endpoint id by cookie value; of the fleet's endpoints only. */
  #ids = new Map<string, string>();
  readonly #unsubscribe: () => void;

  constructor(
    balancer: LoadBalancer,
    name: string,
    attributes = "; Path=/; HttpOnly; SameSite=Lax",
  ) {
    this.#balancer = balancer;
    this.#name = name;
    this.#attributes = attributes;
    this.#learn();
    this.#unsubscribe = balancer.onChange(({ type }) => {
      if (type === "added" || type === "removed") this.#learn();
    });
  }

  close(): void {
    this.#unsubscribe();
  }

  /** The endpoint that the client's cookie names, if it is in the fleet. */
  endpointId(request: IncomingMessage): string | undefined {
    const { cookie } = request.headers;
    if (cookie === undefined) return undefined;
    for (const pair of cookie.split(";")) {
      const at = pair.indexOf("=");
      if (pair.slice(0, at).trim() === this.#name) return this.#ids.get(pair.slice(at + 1).trim());
    }
    return undefined;
  }

  /** The Set-Cookie value, when the answer comes from another endpoint than the cookie names. */
  setCookie(known: string | undefined, { id }: Endpoint): string | undefined {
    return id === known ? undefined : `${this.#name}=${digest(id)}${this.#attributes}`;
  }

  #learn(): void {
    this.#ids = new Map(this.#balancer.endpoints.map(({ endpoint: { id } }) => [digest(id), id]));
  }
}

/** The hash key of a header, if the request has it. */
export function headerAffinity(header: string, request: IncomingMessage): PickContext | undefined {
  const value = request.headers[header.toLowerCase()];
  return value === undefined ? undefined : { hashKey: String(value) };
}

function digest(id: string): string {
  return createHash("sha256").update(id).digest().subarray(0, DIGEST_BYTES).toString("base64url");
}
