/**
 * Acting as somebody else, by the `Impersonate-…` headers (kubernetes `apiserver/pkg/endpoints/filters/impersonation`):
 * first by the rights that are limited to what is done as whom, then by the old right that is not.
 */
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import { checkDnsSubdomain } from "../../apimachinery/validation/formats.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import {
  type Attributes,
  type Authorizer,
  forbidden,
  type ResourceAttributes,
} from "../authorization/authorizer.ts";
import { nodesGroup } from "../authorization/node/node-identity.ts";
import { anonymousUser, authenticatedGroup } from "./authenticator.ts";
import { serviceAccountGroups, serviceAccountOf } from "./service-account-name.ts";

const userHeader = "impersonate-user";
const uidHeader = "impersonate-uid";
const groupHeader = "impersonate-group";
const extraPrefix = "impersonate-extra-";
const nodePrefix = "system:node:";
const unauthenticatedGroup = "system:unauthenticated";
const reviewGroup = "authentication.k8s.io";
/** From this many checks of a kind on, one for all of them comes first. */
const manyChecks = 4;

/** Values of a header that is given several times; the platform joins them. */
function valuesOf(headers: Headers, name: string): readonly string[] {
  const joined = headers.get(name);
  return joined === null ? [] : joined.split(",").map((value) => value.trim());
}

function decodedKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function extraOf(headers: Headers): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const name of headers.keys()) {
    if (!name.startsWith(extraPrefix)) continue;
    extra[decodedKey(name.slice(extraPrefix.length))] = valuesOf(headers, name);
  }
  return extra;
}

/**
 * Whom a request wants to act as, as the headers say it; undefined where it does not. Throws BadRequest for groups, a uid
 * or extras without a user.
 */
export function wantedUser(headers: Headers): UserInfo | undefined {
  const name = headers.get(userHeader) ?? "";
  const groups = valuesOf(headers, groupHeader);
  const uid = headers.get(uidHeader) ?? "";
  const extra =
    name === "" && uid === "" && groups.length === 0 && !hasExtra(headers) ? {} : extraOf(headers);
  const hasExtras = Object.keys(extra).length > 0;
  if (name === "") {
    if (groups.length === 0 && uid === "" && !hasExtras) return undefined;
    const shown = goUser(uid, groups, extra);
    throw newBadRequest(`requested ${shown} without impersonating a user name`);
  }
  return { name, groups, ...(uid === "" ? {} : { uid }), ...(hasExtras ? { extra } : {}) };
}

function hasExtra(headers: Headers): boolean {
  for (const name of headers.keys()) if (name.startsWith(extraPrefix)) return true;
  return false;
}

/** A user as Go's `%#v` prints it. */
function goUser(
  uid: string,
  groups: readonly string[],
  extra: Readonly<Record<string, readonly string[]>>,
): string {
  const list = (values: readonly string[]) =>
    values.length === 0
      ? "[]string(nil)"
      : `[]string{${values.map((value) => JSON.stringify(value)).join(", ")}}`;
  const entries = Object.entries(extra).map(([key, values]) => `${JSON.stringify(key)}:${list(values)}`);
  const map =
    entries.length === 0 ? "map[string][]string(nil)" : `map[string][]string{${entries.join(", ")}}`;
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${list(groups)}, Extra:${map}}`;
}

/** The user that a sender becomes. Throws Forbidden where it may not, by the first reason. */
export function impersonatedUser(
  authorizer: Authorizer,
  sender: UserInfo,
  wanted: UserInfo,
  attributes: Attributes,
): UserInfo {
  let first: Error | undefined;
  for (const mode of modesFor(sender, wanted)) {
    const error = refusal(authorizer, sender, wanted, attributes, mode);
    if (error === undefined) return become(wanted, mode);
    first ??= error;
  }
  throw first ?? new Error("all impersonation modes failed");
}

/** `legacy` is the right that says nothing of what is done in the other's name. */
type Mode = "associated-node" | "arbitrary-node" | "serviceaccount" | "user-info" | "legacy";

function modesFor(sender: UserInfo, wanted: UserInfo): readonly Mode[] {
  const node = nodeOf(wanted.name);
  const isPlain = wanted.groups.length === 0 && wanted.uid === undefined && wanted.extra === undefined;
  if (node !== undefined) {
    if (!isPlain) return ["legacy"];
    return runsOn(sender, node)
      ? ["associated-node", "arbitrary-node", "legacy"]
      : ["arbitrary-node", "legacy"];
  }
  if (serviceAccountOf(wanted.name) !== undefined) return isPlain ? ["serviceaccount", "legacy"] : ["legacy"];
  return ["user-info", "legacy"];
}

function nodeOf(name: string): string | undefined {
  if (!name.startsWith(nodePrefix)) return undefined;
  const node = name.slice(nodePrefix.length);
  return checkDnsSubdomain(node).length === 0 ? node : undefined;
}

/** Whether a sender is the ServiceAccount of a Pod on the node, by its token's word. */
function runsOn(sender: UserInfo, node: string): boolean {
  if (serviceAccountOf(sender.name) === undefined) return false;
  const names = sender.extra?.["authentication.kubernetes.io/node-name"] ?? [];
  return names.length === 1 && names[0] === node;
}

function refusal(
  authorizer: Authorizer,
  sender: UserInfo,
  wanted: UserInfo,
  attributes: Attributes,
  mode: Mode,
): Error | undefined {
  const checks = [
    ...(mode === "legacy" ? [] : [{ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` }]),
    ...userChecks(wanted, mode),
  ];
  for (const check of checks) {
    const { decision, reason } = authorizer.authorize(sender, check);
    if (decision !== "allow") return forbidden(sender, check, reason);
  }
  if (mode === "legacy") return manyRefusal(authorizer, sender, memberChecks(wanted, mode));
  if (wanted.groups.includes("")) {
    return forbidden(
      sender,
      request(mode, "groups", ""),
      "impersonating the empty string group is not allowed",
    );
  }
  if (wanted.groups.includes("system:masters")) {
    const why = "impersonating the system:masters group is not allowed";
    return forbidden(sender, request(mode, "groups", "system:masters"), why);
  }
  const extras = extraRefusal(wanted);
  if (extras !== undefined) return forbidden(sender, request(mode, "userextras", ""), extras);
  return manyRefusal(authorizer, sender, memberChecks(wanted, mode));
}

function extraRefusal({ extra = {} }: UserInfo): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === "") return "impersonating the empty string key in extra is not allowed";
    if (key !== key.toLowerCase()) {
      return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
    }
    if (values.includes("")) return "impersonating the empty string value in extra is not allowed";
  }
  return undefined;
}

/** Groups and extras, each kind with a check for all of it first where there are many. */
function manyRefusal(
  authorizer: Authorizer,
  sender: UserInfo,
  kinds: ReadonlyArray<{ readonly all?: ResourceAttributes; readonly each: readonly ResourceAttributes[] }>,
): Error | undefined {
  for (const { all, each } of kinds) {
    if (all !== undefined && each.length >= manyChecks) {
      if (authorizer.authorize(sender, all).decision === "allow") continue;
    }
    for (const check of each) {
      const { decision, reason } = authorizer.authorize(sender, check);
      if (decision !== "allow") return forbidden(sender, check, reason);
    }
  }
  return undefined;
}

function request(mode: Mode, resource: string, name: string): ResourceAttributes {
  const isOld =
    mode === "legacy" && (resource === "users" || resource === "groups" || resource === "serviceaccounts");
  return {
    isResource: true,
    verb: mode === "legacy" ? "impersonate" : `impersonate:${mode}`,
    group: isOld ? "" : reviewGroup,
    version: "v1",
    namespace: "",
    resource,
    subresource: "",
    name,
  };
}

function userChecks({ name, uid }: UserInfo, mode: Mode): readonly ResourceAttributes[] {
  const account = serviceAccountOf(name);
  const node = mode === "legacy" ? undefined : nodeOf(name);
  const user =
    account !== undefined
      ? { ...request(mode, "serviceaccounts", account.name), namespace: account.namespace }
      : node !== undefined
        ? request(mode, "nodes", mode === "associated-node" ? "*" : node)
        : request(mode, "users", name);
  return uid === undefined ? [user] : [user, request(mode, "uids", uid)];
}

function memberChecks({ groups, extra = {} }: UserInfo, mode: Mode) {
  const extras = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) => ({ ...request(mode, "userextras", value), subresource: key })),
  );
  const isOld = mode === "legacy";
  return [
    {
      ...(isOld ? {} : { all: request(mode, "groups", "*") }),
      each: groups.map((group) => request(mode, "groups", group)),
    },
    {
      ...(isOld ? {} : { all: { ...request(mode, "userextras", "*"), subresource: "*" } }),
      each: extras,
    },
  ];
}

/** The wanted user with the groups that its name implies. */
function become(wanted: UserInfo, mode: Mode): UserInfo {
  const account = serviceAccountOf(wanted.name);
  const isNode = mode !== "legacy" && nodeOf(wanted.name) !== undefined;
  const implied = isNode
    ? [nodesGroup]
    : account !== undefined && wanted.groups.length === 0
      ? serviceAccountGroups(account.namespace)
      : wanted.groups;
  const isAnonymous = wanted.name === anonymousUser.name;
  const missing = isAnonymous ? unauthenticatedGroup : authenticatedGroup;
  const isKnown = implied.includes(missing) || (!isAnonymous && implied.includes(unauthenticatedGroup));
  return { ...wanted, groups: isKnown ? implied : [...implied, missing] };
}
