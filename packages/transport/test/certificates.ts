import { generate } from "selfsigned";
import type { TlsOptions } from "../src/tcp/index.ts";

/** A certificate authority of a test, and what it signs. */
export interface TestAuthority {
  /** What a node of that name presents. */
  issue(name: string): Promise<TlsOptions>;
}

export async function createAuthority(): Promise<TestAuthority> {
  const ca = await generate([{ name: "commonName", value: "a test's authority" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  return {
    async issue(name) {
      const node = await generate([{ name: "commonName", value: name }], {
        keyType: "ec",
        algorithm: "sha256",
        ca: { key: ca.private, cert: ca.cert },
        extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
      });
      return { ca: ca.cert, cert: node.cert, key: node.private };
    },
  };
}
