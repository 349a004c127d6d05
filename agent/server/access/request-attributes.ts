/** What a request to the kubelet API takes, as rights on `nodes` (kubelet `pkg/kubelet/server/auth.go`). */
export interface RequestAttributes {
  readonly verb: string;
  /** Any one of them is enough. */
  readonly subresources: readonly string[];
}

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** The finer right of a path; before 1.33 all but the first three took `proxy`, which is still enough. */
const fine: ReadonlyArray<readonly [path: string, subresource: string, alsoProxy: boolean]> = [
  ["/stats", "stats", false],
  ["/metrics", "metrics", false],
  ["/logs", "log", false],
  ["/checkpoint", "checkpoint", false],
  ["/healthz", "healthz", true],
  ["/pods", "pods", true],
  ["/runningpods", "pods", true],
  ["/configz", "configz", true],
];

export function requestAttributes(method: string, path: string): RequestAttributes {
  const verb = verbs[method] ?? "";
  const found = fine.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  if (found === undefined) return { verb, subresources: ["proxy"] };
  const [, subresource, alsoProxy] = found;
  return { verb, subresources: alsoProxy ? [subresource, "proxy"] : [subresource] };
}
