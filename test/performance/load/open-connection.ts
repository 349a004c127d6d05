import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { HttpsConnection } from "./https-connection.ts";
import type { LoadConnection } from "./load-connection.ts";
import { SocketConnection } from "./socket-connection.ts";

export const clientKinds = ["socket", "https"] as const;
/** `socket` costs the least, `https` is node's own client. */
export type ClientKind = (typeof clientKinds)[number];

/** What the load goes to, and by which client. */
export interface LoadTarget {
  readonly server: HttpTransportOptions;
  readonly client: ClientKind;
}

export async function openConnection({ server, client }: LoadTarget): Promise<LoadConnection> {
  return client === "https" ? new HttpsConnection(server) : await SocketConnection.open(server);
}
