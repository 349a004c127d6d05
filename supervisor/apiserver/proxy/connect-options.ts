import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { isTrue, type ResourceRequestInfo } from "../request-info.ts";

const flags = ["stdin", "stdout", "stderr", "tty"];

/**
 * What a stream is asked for, as an object for admission (core/v1 `PodExecOptions`, `PodPortForwardOptions`,
 * `PodProxyOptions` and their like).
 */
export function connectOptions(kind: string, { query, rest }: ResourceRequestInfo): ApiObject {
  const container = query.get("container");
  const command = query.getAll("command");
  const ports = query.getAll("ports").flatMap((list) => list.split(",").map(Number));
  const fields = {
    ...Object.fromEntries(flags.filter((flag) => isTrue(query.get(flag))).map((flag) => [flag, true])),
    ...(container === null ? {} : { container }),
    ...(command.length === 0 ? {} : { command }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(kind.endsWith("ProxyOptions") ? { path: `/${rest}` } : {}),
  };
  return { kind, apiVersion: "v1", metadata: {}, ...fields };
}
