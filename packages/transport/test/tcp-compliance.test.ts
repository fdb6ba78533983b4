import { transportCompliance } from "../src/compliance/index.ts";
import { createAuthority } from "./certificates.ts";
import { tcpCluster } from "./tcp-cluster.ts";

transportCompliance("TCP", tcpCluster());

const authority = await createAuthority();
const names = ["alice", "bob", "carol"];
const issued = await Promise.all(names.map(async (n) => [n, await authority.issue(n)] as const));

transportCompliance("TCP with TLS", tcpCluster(new Map(issued)));
