import { describe, expect, it } from "vitest";
import { nextDiagnostic } from "./diagnostics.ts";
import { createAuthority } from "./certificates.ts";
import { tcpNode } from "./tcp-node.ts";

const EMPTY: Uint8Array = new Uint8Array(0);
const authority = await createAuthority();

describe("with TLS", () => {
  it("a node whose certificate names another is refused by name, by whom it dials", async () => {
    const alice = tcpNode("alice", { tls: await authority.issue("alice") });
    await alice.start();
    const tls = await authority.issue("mallory");
    const bob = tcpNode("bob", { tls, peers: { alice: alice.address } });
    await bob.start();
    await expect(bob.request("alice", "r", EMPTY)).rejects.toMatchObject({
      code: "refused",
      message: "the certificate that bob presented to alice does not name bob",
    });
  });

  it("a node whose certificate names another is refused by name, by who dials it", async () => {
    const alice = tcpNode("alice", { tls: await authority.issue("mallory") });
    await alice.start();
    const tls = await authority.issue("bob");
    const bob = tcpNode("bob", { tls, peers: { alice: alice.address } });
    await bob.start();
    await expect(bob.request("alice", "r", EMPTY)).rejects.toMatchObject({
      code: "refused",
      message: "the certificate that alice presented to bob does not name alice",
    });
  });

  it("a certificate of another authority does not get in", async () => {
    const alice = tcpNode("alice", { tls: await authority.issue("alice") });
    await alice.start();
    const refused = nextDiagnostic("refused", "alice");
    const { cert, key } = await (await createAuthority()).issue("bob");
    const { ca } = await authority.issue("bob");
    const bob = tcpNode("bob", { tls: { ca, cert, key }, peers: { alice: alice.address } });
    await bob.start();
    await expect(bob.request("alice", "r", EMPTY)).rejects.toMatchObject({ code: "unreachable" });
    expect((await refused).reason).toMatch(/^TLS failed/);
  });

  it("a node without TLS does not get in, nor is it dialled into", async () => {
    const alice = tcpNode("alice", { tls: await authority.issue("alice") });
    const bob = tcpNode("bob");
    await Promise.all([alice.start(), bob.start()]);
    alice.addPeer("bob", bob.address);
    await expect(alice.request("bob", "r", EMPTY)).rejects.toMatchObject({ code: "unreachable" });
    alice.removePeer("bob");
    bob.addPeer("alice", alice.address);
    await expect(bob.request("alice", "r", EMPTY)).rejects.toMatchObject({ code: "unreachable" });
  });
});
