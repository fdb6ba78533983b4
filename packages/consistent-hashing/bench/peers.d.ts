declare module "hashring" {
  export default class HashRing {
    constructor(servers?: readonly string[]);
    get(key: string): string;
    add(server: string): this;
    remove(server: string): this;
  }
}

declare module "consistent-hash" {
  export default class ConsistentHash {
    add(node: string): this;
    remove(node: string): this;
    get(key: string): string;
  }
}

declare module "jumphash" {
  export default function jumphash(key: string, buckets: number): number;
}

declare module "murmurhash" {
  const murmurhash: { v3(key: string, seed?: number): number };
  export default murmurhash;
}
