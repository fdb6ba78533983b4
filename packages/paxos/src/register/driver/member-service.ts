import type { Transport, Unsubscribe } from "@quorate/transport";
import type { Identity } from "../../core/identity.ts";
import { PaxosError } from "../../paxos-error.ts";
import type { RegisterCore } from "../core/register-core.ts";
import type { RegisterStorage } from "../storage/register-storage.ts";
import { decodeMemberRequest, encodeHello, encodeKeys } from "./member-protocol.ts";

/** Answers the node that changes the members. */
export function serveMembers(
  transport: Transport,
  protocol: string,
  node: {
    readonly identity: Identity;
    readonly core: RegisterCore;
    readonly storage: RegisterStorage;
  },
): Unsubscribe {
  const { identity, core, storage } = node;
  const requireEpoch = (epoch: number): void => {
    // What was accepted in an earlier epoch stands before the configuration in the log.
    if (core.config.epoch === epoch && core.votes && core.isSettled) return;
    throw new PaxosError("invalid-option", `this acceptor is not in epoch ${epoch}`);
  };
  return transport.onRequest(protocol, async (_, bytes) => {
    const request = decodeMemberRequest(bytes);
    if (request.kind === "hello") {
      return encodeHello({ birth: identity.birth, isFirst: identity.votes });
    }
    requireEpoch(request.epoch);
    const { keys, next } = await storage.keys(request.cursor);
    requireEpoch(request.epoch);
    return encodeKeys({ keys, next, forgotten: core.forgotten });
  });
}
