import { checkDnsLabel, checkDnsSubdomain } from "../../apimachinery/validation/formats.ts";

const prefix = "system:serviceaccount:";
/** All ServiceAccounts are in this group, and in one of their namespace's. */
const allGroup = "system:serviceaccounts";

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

export function serviceAccountUser(namespace: string, name: string): string {
  return `${prefix}${namespace}:${name}`;
}

export function serviceAccountGroups(namespace: string): readonly string[] {
  return [allGroup, `${allGroup}:${namespace}`];
}

/** The ServiceAccount that a user is; undefined for others (`authentication/serviceaccount` SplitUsername). */
export function serviceAccountOf(user: string): ServiceAccountName | undefined {
  if (!user.startsWith(prefix)) return undefined;
  const [namespace = "", name = "", ...rest] = user.slice(prefix.length).split(":");
  if (rest.length > 0 || checkDnsLabel(namespace).length > 0 || checkDnsSubdomain(name).length > 0) {
    return undefined;
  }
  return { namespace, name };
}
