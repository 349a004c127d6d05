/** Tokens of ServiceAccounts for those who may have them (kubernetes `pkg/registry/core/serviceaccount/storage/token.go`). */

import type { AuthenticationV1TokenRequest, V1Pod } from "../../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { newBadRequest, newConflict, newInvalid, newNotFound } from "../../../apimachinery/status-errors.ts";
import type { TokenKeys } from "../../../base/pki/token-keys.ts";
import { timestamp } from "../../../base/timestamp.ts";
import { storagePrefixOf } from "../../../registry/storage-prefix.ts";
import type { Answers } from "../../handlers/answer.ts";
import type { ResourceContext } from "../../request-context.ts";
import { boundTokenClaims, type ObjectIdentity } from "./token-claims.ts";

const defaultLifeSeconds = 3600;
const shortestLifeSeconds = 600;
const longestLifeSeconds = 2 ** 32;
/** The life that kubelets ask for: such a token lives on for clients that never read it again, with a warning. */
const projectedLifeSeconds = 3607;
const extendedLifeSeconds = 365 * 24 * 3600;
const group = "authentication.k8s.io";

export interface TokenRequestOptions {
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly audiences: readonly string[];
}

type TokenRequest = Mutable<AuthenticationV1TokenRequest> & ApiObject;
type Spec = NonNullable<TokenRequest["spec"]>;

/** What a token is bound to. */
interface Binding {
  readonly pod?: ObjectIdentity;
  readonly node?: ObjectIdentity;
  readonly secret?: ObjectIdentity;
}

export function tokenRequests(options: TokenRequestOptions): Answers {
  return {
    async TokenRequest(context, question) {
      const { store, info, services } = context;
      const { namespace, name } = info;
      // Decoding made this a TokenRequest.
      const request = question as TokenRequest;
      checkSubject(request, namespace, name);
      const account = store.codec.decode(await store.get(namespace, name));
      const spec = filled(request, options);
      const errors = validate(spec);
      if (errors.length > 0) throw newInvalid({ group, kind: "TokenRequest" }, "", errors);
      const binding = await boundTo(context, spec, name);
      const nowMs = services.clock.now();
      const now = Math.floor(nowMs / 1000);
      const { expirationSeconds = 0 } = spec;
      const audiences = spec.audiences ?? [];
      const isExtended =
        binding.pod !== undefined &&
        expirationSeconds === projectedLifeSeconds &&
        audiences.every((audience) => options.audiences.includes(audience));
      const claims = boundTokenClaims({
        ...binding,
        issuer: options.issuer,
        namespace,
        serviceAccount: { name, uid: account.metadata.uid ?? "" },
        audiences,
        tokenId: services.uid(),
        now,
        lifeSeconds: isExtended ? extendedLifeSeconds : expirationSeconds,
        ...(isExtended ? { warnAfter: now + expirationSeconds } : {}),
      });
      request.metadata = { ...request.metadata, name, namespace, creationTimestamp: timestamp(nowMs) };
      const expirationTimestamp = timestamp(nowMs + expirationSeconds * 1000);
      request.status = { token: options.keys.sign(claims), expirationTimestamp };
      return request;
    },
  };
}

/** Throws Invalid where the request names another ServiceAccount than the URL. */
function checkSubject({ metadata }: TokenRequest, namespace: string, name: string): void {
  const refuse = (field: string, value: string, what: string) =>
    newInvalid({ group, kind: "TokenRequest" }, name, [
      invalidField(`metadata.${field}`, value, `must match the service account ${what} if specified`),
    ]);
  if (metadata.name && metadata.name !== name) throw refuse("name", metadata.name, "name");
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw refuse("namespace", metadata.namespace, "namespace");
  }
}

function filled(request: TokenRequest, { audiences }: TokenRequestOptions): Spec {
  const spec = request.spec ?? { audiences: [] };
  request.spec = spec;
  spec.expirationSeconds ??= defaultLifeSeconds;
  if ((spec.audiences ?? []).length === 0) spec.audiences = [...audiences];
  return spec;
}

function validate({ expirationSeconds = 0 }: Spec): readonly FieldError[] {
  const path = "spec.expirationSeconds";
  if (expirationSeconds < shortestLifeSeconds) {
    return [invalidField(path, expirationSeconds, "may not specify a duration less than 10 minutes")];
  }
  if (expirationSeconds <= longestLifeSeconds) return [];
  return [invalidField(path, expirationSeconds, "may not specify a duration larger than 2^32 seconds")];
}

/** The object that the request names, as it is now. Throws NotFound, Conflict and BadRequest. */
async function boundTo(context: ResourceContext, spec: Spec, account: string): Promise<Binding> {
  const { boundObjectRef: reference } = spec;
  if (reference === undefined) return {};
  const { kind = "", apiVersion = "", name = "" } = reference;
  const resource = apiVersion === "v1" ? boundResources[kind] : undefined;
  if (resource === undefined) {
    throw newBadRequest(`cannot bind token to object of type ${goKind(apiVersion, kind)}`);
  }
  const id = kind === "Node" ? name : `${context.info.namespace}/${name}`;
  const object = await stored(context, resource, id);
  if (object === undefined) throw newNotFound({ group: "", resource }, name);
  const identity = { name, uid: object.metadata.uid ?? "" };
  if (kind === "Pod") {
    // Only Pods are stored under this prefix.
    const binding = await podBinding(context, object as unknown as V1Pod, identity, account);
    checkUid(reference, kind, identity);
    return binding;
  }
  checkUid(reference, kind, identity);
  return kind === "Node" ? { node: identity } : { secret: identity };
}

const boundResources: Readonly<Record<string, string>> = {
  Pod: "pods",
  Secret: "secrets",
  Node: "nodes",
};

async function stored(
  { store }: ResourceContext,
  resource: string,
  id: string,
): Promise<ApiObject | undefined> {
  const found = await store.backend.get(storagePrefixOf("", resource) + id);
  // What is stored are objects.
  return found && (JSON.parse(found.value) as ApiObject);
}

async function podBinding(
  context: ResourceContext,
  { spec }: V1Pod,
  pod: ObjectIdentity,
  account: string,
): Promise<Binding> {
  if (spec?.serviceAccountName !== account) {
    throw newBadRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  }
  if (!spec.nodeName) return { pod };
  const node = await stored(context, "nodes", spec.nodeName);
  return { pod, node: { name: spec.nodeName, uid: node?.metadata.uid ?? "" } };
}

/** Sets the uid where the request leaves it open; throws Conflict where it means another object. */
function checkUid(
  reference: NonNullable<Spec["boundObjectRef"]>,
  kind: string,
  { name, uid }: ObjectIdentity,
): void {
  reference.uid ||= uid;
  if (reference.uid === uid) return;
  throw newConflict(
    { group: "", resource: kind },
    name,
    `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
  );
}

/** A kind as Go prints it. */
function goKind(apiVersion: string, kind: string): string {
  const [first = "", second] = apiVersion.split("/");
  return second === undefined ? `/${first}, Kind=${kind}` : `${first}/${second}, Kind=${kind}`;
}
