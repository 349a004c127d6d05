import type { Clock } from "../../base/clock.ts";
import type { PeerSubject } from "../../base/http/connection-info.ts";
import type { MetricsRegistry } from "../../base/metrics/metrics-registry.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import { type Authenticator, authenticated } from "./authenticator.ts";

const hour = 3600;
const day = 24 * hour;
/** Upper bounds in seconds. */
const expirationBounds = [
  0,
  hour / 2,
  ...[1, 2, 6, 12].map((hours) => hours * hour),
  ...[1, 2, 4, 7, 30, 90, 180, 360].map((days) => days * day),
];

/** Takes a verified client certificate's common name for the user and its organizations for the groups. */
export function x509Authenticator(metrics: MetricsRegistry, clock: Pick<Clock, "now">): Authenticator {
  const remaining = metrics.histogram(
    "apiserver_client_certificate_expiration_seconds",
    "Distribution of the remaining lifetime on the certificate used to authenticate a request.",
    expirationBounds,
  )();
  // A connection keeps its subject: each is looked at once.
  const users = new WeakMap<PeerSubject, UserInfo>();
  return {
    authenticate(_headers, { peer }) {
      if (peer === undefined) return undefined;
      if (peer.expiresMs !== undefined) remaining.observe((peer.expiresMs - clock.now()) / 1000);
      if (peer.commonName === "") return undefined;
      const known = users.get(peer);
      if (known !== undefined) return known;
      const user = authenticated({ name: peer.commonName, groups: peer.organizations, ...extraOf(peer) });
      users.set(peer, user);
      return user;
    },
  };
}

/** By which certificate a user is known, for audits (`authentication/request/x509`). */
function extraOf({ fingerprint }: PeerSubject): Pick<UserInfo, "extra"> {
  if (fingerprint === undefined || fingerprint === "") return {};
  return { extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${fingerprint}`] } };
}
