import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { ReplicationError } from "./replication-error.ts";
import type { SessionCommand } from "./session.ts";

/**
 * What a replicated log carries: a user's command, alone or in a session, or the opening of a session.
 * `timeMs` is the log's own time (`LogClock`), stamped by the leader that proposed it.
 */
export type LogCommand =
  | { readonly kind: "plain"; readonly command: Uint8Array }
  | {
      readonly kind: "session";
      readonly timeMs: number;
      readonly session: SessionCommand;
      readonly command: Uint8Array;
    }
  | { readonly kind: "open-session"; readonly timeMs: number };

const KIND = { plain: 0, session: 1, "open-session": 2 } as const;
const SESSION_HEAD_BYTES = 1 + 4 * 8;

export function encodeLogCommand(command: LogCommand): Uint8Array {
  switch (command.kind) {
    case "plain":
      return new ByteWriter(1 + command.command.length)
        .byte(KIND.plain)
        .bytes(command.command)
        .finish();
    case "session": {
      const { sessionId, sequence, answeredBelow } = command.session;
      return new ByteWriter(SESSION_HEAD_BYTES + command.command.length)
        .byte(KIND.session)
        .number(command.timeMs)
        .number(sessionId)
        .number(sequence)
        .number(answeredBelow)
        .bytes(command.command)
        .finish();
    }
    case "open-session":
      return new ByteWriter(9).byte(KIND["open-session"]).number(command.timeMs).finish();
  }
}

/**
 * @throws {ReplicationError} `corrupt` for what `encodeLogCommand` never makes. Logs check their
 * records, so this means a program of another version wrote it; the node must stop.
 */
export function decodeLogCommand(bytes: Uint8Array): LogCommand {
  const reader = new ByteReader(bytes);
  const kind = reader.byte();
  switch (kind) {
    case KIND.plain:
      return { kind: "plain", command: reader.rest() };
    case KIND.session: {
      const timeMs = reader.number();
      const sessionId = reader.number();
      const sequence = reader.number();
      const answeredBelow = reader.number();
      const session = { sessionId, sequence, answeredBelow };
      return { kind: "session", timeMs, session, command: reader.rest() };
    }
    case KIND["open-session"]:
      return { kind: "open-session", timeMs: reader.number() };
    default:
      throw new ReplicationError("corrupt", `a log entry has the unknown kind ${kind}`);
  }
}
