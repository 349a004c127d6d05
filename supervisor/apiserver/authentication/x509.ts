import type { PeerSubject } from "../../base/http/connection-info.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import { type Authenticator, authenticated } from "./authenticator.ts";

/** Takes a verified client certificate's common name for the user and its organizations for the groups. */
export function x509Authenticator(): Authenticator {
  // A connection keeps its subject: each is looked at once.
  const users = new WeakMap<PeerSubject, UserInfo>();
  return {
    authenticate(_headers, { peer }) {
      if (peer === undefined || peer.commonName === "") return undefined;
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
