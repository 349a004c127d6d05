/** The paths that are no resources. */
import { groupTag, groupVersionTag, identifier, operationId } from "./operation-names.ts";
import type { Operation, PathItem } from "./spec-types.ts";

const types = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

function getter(
  path: string,
  facts: Pick<Operation, "description" | "operationId" | "tags"> & Partial<Operation>,
  definition: string,
): PathItem {
  const responses = [
    [200, "OK", definition],
    [401, "Unauthorized"],
  ] as const;
  const operation = { method: "get", consumes: types, produces: types, parameters: [], responses, ...facts };
  return { path, operations: [operation] };
}

/** `of` gives the name of a model's definition. */
export function versionsPath(of: (model: string) => string): PathItem {
  const facts = {
    description: "get available API versions",
    operationId: "getCoreAPIVersions",
    tags: ["core"],
  };
  return getter("/api/", facts, of("V1APIVersions"));
}

export function groupsPath(of: (model: string) => string): PathItem {
  const facts = { description: "get available API versions", operationId: "getAPIVersions", tags: ["apis"] };
  return getter("/apis/", facts, of("V1APIGroupList"));
}

export function groupPath(group: string, of: (model: string) => string): PathItem {
  const tag = groupTag(group);
  const facts = {
    description: "get information of a group",
    operationId: `get${identifier(tag, true)}APIGroup`,
    tags: [tag],
  };
  return getter(`/apis/${group}/`, facts, of("V1APIGroup"));
}

export function groupVersionPath(
  place: { readonly group: string; readonly version: string },
  of: (model: string) => string,
): PathItem {
  const { group, version } = place;
  const facts = {
    description: "get available resources",
    operationId: operationId("get", place, "APIResources"),
    tags: [groupVersionTag(place)],
  };
  const path = group === "" ? `/api/${version}/` : `/apis/${group}/${version}/`;
  return getter(path, facts, of("V1APIResourceList"));
}

export function versionPath(of: (model: string) => string): PathItem {
  const facts = {
    description: "get the version information for this server",
    operationId: "getCodeVersion",
    tags: ["version"],
    consumes: ["application/json"],
    produces: ["application/json"],
  };
  return getter("/version/", facts, of("VersionInfo"));
}

/** What a verifier of ServiceAccount tokens reads: the text of JSON, as the description has it. */
export function issuerPath(): PathItem {
  return issuerDocument("/.well-known/openid-configuration/", {
    description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    operationId: "getServiceAccountIssuerOpenIDConfiguration",
    tags: ["WellKnown"],
    produces: ["application/json"],
  });
}

export function issuerKeysPath(): PathItem {
  return issuerDocument("/openid/v1/jwks/", {
    description:
      "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)",
    operationId: "getServiceAccountIssuerOpenIDKeyset",
    tags: ["openid"],
    produces: ["application/jwk-set+json"],
  });
}

function issuerDocument(
  path: string,
  facts: Pick<Operation, "description" | "operationId" | "tags" | "produces">,
): PathItem {
  const responses = [
    [200, "OK", ""],
    [401, "Unauthorized"],
  ] as const;
  return { path, operations: [{ method: "get", parameters: [], responses, ...facts }] };
}
