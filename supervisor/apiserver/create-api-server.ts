import { systemClock } from "../base/clock.ts";
import type { ConnectionInfo } from "../base/http/connection-info.ts";
import { ApiServer } from "./api-server.ts";
import type { ApiServerOptions } from "./api-server-options.ts";
import { randomNameSuffix, type Services } from "./services.ts";

/** What {@link createApiServer} finds for itself where it is not given. */
type Chosen = Pick<Services, "clock" | "uid" | "nameSuffix" | "random">;

/** An API server on the system's clock and randomness. It answers after `start`. */
export function createApiServer(options: Omit<ApiServerOptions, keyof Chosen> & Partial<Chosen>): ApiServer {
  return new ApiServer({
    clock: systemClock,
    uid: () => crypto.randomUUID(),
    nameSuffix: randomNameSuffix,
    random: Math.random,
    ...options,
  });
}

/** How a part of this process sends requests: as a user, by no network. */
export function loopbackConnection(user: string, groups: readonly string[] = []): ConnectionInfo {
  const { signal } = new AbortController();
  return { peer: { commonName: user, organizations: groups }, remoteAddress: "127.0.0.1", signal };
}
