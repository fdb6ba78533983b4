import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { NodeId } from "../transport.ts";
import type { TcpAddress, TlsOptions } from "./options.ts";

/** Dials; `onReady` is called once bytes can be sent, so with TLS after its handshake. */
export function dial(
  address: TcpAddress,
  tls: TlsOptions | undefined,
  onReady: () => void,
): Socket {
  const { host, port } = address;
  if (!tls) return connect({ host, port, noDelay: true }, onReady);
  // Whether the certificate names the node is checked by `certifies`: the host's name says nothing.
  const socket = connectTls({ ...pem(tls), host, port, checkServerIdentity: () => undefined });
  return socket.setNoDelay(true).once("secureConnect", onReady);
}

/** A server that has not begun to listen; `onSocket` gets what is ready for bytes. */
export function createListener(
  tls: TlsOptions | undefined,
  handshakeTimeoutMs: number,
  onSocket: (socket: Socket) => void,
): Server {
  if (!tls) return createServer({ noDelay: true }, onSocket);
  const requestCert = { requestCert: true, rejectUnauthorized: true };
  const options = { ...pem(tls), ...requestCert, handshakeTimeout: handshakeTimeoutMs };
  return createTlsServer(options, (socket) => onSocket(socket.setNoDelay(true)));
}

/** Whether the certificate that the other side presented names that node. Exact, no wildcards. */
export function certifies(socket: Socket, nodeId: NodeId): boolean {
  const { subject, subjectaltname = "" } = (socket as TLSSocket).getPeerCertificate();
  // Node quotes a name that holds a comma or a quote, so that none can pose as two.
  return subject?.CN === nodeId || subjectaltname.split(", ").includes(`DNS:${nodeId}`);
}

function pem({ ca, cert, key }: TlsOptions): { ca: Buffer; cert: Buffer; key: Buffer } {
  return { ca: Buffer.from(ca), cert: Buffer.from(cert), key: Buffer.from(key) };
}
