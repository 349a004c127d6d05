import { timingSafeEqual } from "node:crypto";
import type { V1Secret } from "../../api/generated/types.ts";
import type { Clock } from "../../base/clock.ts";
import { storagePrefixOf } from "../../registry/storage-prefix.ts";
import type { Backend } from "../../storage/backend.ts";
import type { TokenAuthenticator, TokenIdentity } from "./token-authenticator.ts";

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const secretPrefix = `${storagePrefixOf("", "secrets")}kube-system/bootstrap-token-`;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

type Fields = Readonly<Record<string, string>>;

function fieldsOf(secret: V1Secret): Fields {
  const entries = Object.entries(secret.data ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  );
}

function isValid(fields: Fields, id: string, secret: string, nowMs: number): boolean {
  const given = Buffer.from(secret);
  const known = Buffer.from(fields["token-secret"] ?? "");
  // Both are compared whole, whatever they are, so that the time tells nothing.
  const same = given.length === known.length && timingSafeEqual(given, known);
  const expiration = fields.expiration ?? "";
  // A time that cannot be read is a time that is over.
  const isLive = expiration === "" || Date.parse(expiration) > nowMs;
  return same && isLive && fields["token-id"] === id && fields["usage-bootstrap-authentication"] === "true";
}

/**
 * Knows bootstrap tokens, `<id>.<secret>`, by the Secrets that hold them (kubernetes
 * `plugin/pkg/auth/authenticator/token/bootstrap`): the user `system:bootstrap:<id>` in `system:bootstrappers`.
 */
export function bootstrapTokenAuthenticator(backend: Backend, clock: Clock): TokenAuthenticator {
  return {
    authenticate(token) {
      const match = tokenPattern.exec(token);
      if (match === null) return undefined;
      const [, id = "", secret = ""] = match;
      return lookUp(backend, clock, id, secret);
    },
  };
}

async function lookUp(
  backend: Backend,
  clock: Clock,
  id: string,
  secret: string,
): Promise<TokenIdentity | undefined> {
  const stored = await backend.get(secretPrefix + id);
  if (stored === undefined) return undefined;
  // Only Secrets are stored under this prefix.
  const object = JSON.parse(stored.value) as V1Secret;
  const fields = fieldsOf(object);
  const isDeleted = object.metadata?.deletionTimestamp !== undefined;
  const isBootstrap = object.type === "bootstrap.kubernetes.io/token";
  if (isDeleted || !isBootstrap || !isValid(fields, id, secret, clock.now())) return undefined;
  const extra = (fields["auth-extra-groups"] ?? "").split(",").map((group) => group.trim());
  const groups = extra.filter((group) => groupPattern.test(group));
  return { user: { name: `system:bootstrap:${id}`, groups: ["system:bootstrappers", ...groups] } };
}
