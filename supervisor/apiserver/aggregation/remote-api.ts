import type { V1APIService } from "../../api/generated/types.ts";

/** What is kept of an APIService: a group version, its place in discovery, and who serves it. */
export interface RegisteredApi {
  /** `VERSION.GROUP`. */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** Whether it is kept here for custom resources. */
  readonly isManaged: boolean;
  /** Whether its condition says that this server itself serves it. */
  readonly isLocal: boolean;
  /** Present where a server in the cluster serves it. */
  readonly remote?: RemoteApi;
}

/** A server in the cluster that serves a group version. */
export interface RemoteApi {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  /** PEM; the system's authorities where absent. */
  readonly ca?: string;
  /** Takes any certificate. */
  readonly insecure: boolean;
  /** Whether its condition says that it answers. */
  readonly available: boolean;
}

const httpsPort = 443;
/** Marks what is kept as it is here, whatever others make of it. */
export const managedLabel = "kube-aggregator.kubernetes.io/automanaged";
/** Where group versions of custom resources stand in discovery. */
export const customPriority = { groupPriority: 1000, versionPriority: 100 };

export function registeredApi({ metadata, spec, status }: V1APIService): RegisteredApi {
  const { group = "", version = "", groupPriorityMinimum = 0, versionPriority = 0, service } = spec ?? {};
  const name = metadata?.name ?? "";
  const condition = (status?.conditions ?? []).find(({ type }) => type === "Available");
  const isManaged = metadata?.labels?.[managedLabel] === "true";
  const api = { name, group, version, isManaged, groupPriority: groupPriorityMinimum, versionPriority };
  const isLocal = condition?.status === "True" && condition.reason === "Local";
  if (service === undefined) return { ...api, isLocal };
  const ca = Buffer.from(spec?.caBundle ?? "", "base64").toString("utf8");
  const remote = {
    ...{ name, group, version, insecure: spec?.insecureSkipTLSVerify ?? false },
    service: {
      namespace: service.namespace ?? "",
      name: service.name ?? "",
      port: service.port ?? httpsPort,
    },
    available: condition?.status === "True",
    ...(ca === "" ? {} : { ca }),
  };
  return { ...api, isLocal, remote };
}

/** Where a remote API's own paths begin. */
export function rootOf({ group, version }: Pick<RemoteApi, "group" | "version">): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}
