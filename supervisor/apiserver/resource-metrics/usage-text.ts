/** Reads a kubelet's page `/metrics/resource` (metrics-server `pkg/scraper/client/resource`). */

/** What something has used until a moment. */
export interface Reading {
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** When the container was started; unknown for a node. */
  readonly startedAtMs?: number;
}

export interface NodeReadings {
  readonly node?: Reading;
  /** By `namespace/pod/container`. */
  readonly containers: ReadonlyMap<string, Reading>;
}

type Draft = { -readonly [K in keyof Reading]?: Reading[K] };

const line = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)(?: (\d+))?$/;
const label = /([a-z]+)="((?:[^"\\]|\\.)*)"/g;

/** What is not whole, or no number, is left out: a host may say what it likes. */
export function parseUsageText(text: string, nowMs: number): NodeReadings {
  const node: Draft = {};
  const containers = new Map<string, Draft>();
  for (const each of text.split("\n")) {
    const [, name = "", labels = "", value = "", at] = line.exec(each) ?? [];
    const amount = Number(value);
    if (name === "" || !Number.isFinite(amount) || amount < 0) continue;
    const [subject = "", ...rest] = name.split("_");
    const draft = subject === "node" ? node : draftOf(containers, subject, labels);
    if (draft) note(draft, rest.join("_"), amount, at === undefined ? nowMs : Number(at));
  }
  const whole = [...containers].flatMap(([key, draft]) => {
    const reading = finished(draft);
    return reading ? [[key, reading] as const] : [];
  });
  const ofNode = finished(node);
  return { ...(ofNode && { node: ofNode }), containers: new Map(whole) };
}

function draftOf(containers: Map<string, Draft>, subject: string, labels: string): Draft | undefined {
  if (subject !== "container") return undefined;
  const values = new Map([...labels.matchAll(label)].map(([, name = "", value = ""]) => [name, value]));
  const parts = ["namespace", "pod", "container"].map((name) => values.get(name) ?? "");
  if (parts.includes("")) return undefined;
  const key = parts.join("/");
  const draft = containers.get(key) ?? {};
  containers.set(key, draft);
  return draft;
}

function note(draft: Draft, what: string, amount: number, atMs: number): void {
  if (what === "cpu_usage_seconds_total") {
    draft.cpuSeconds = amount;
    draft.atMs = atMs;
  } else if (what === "memory_working_set_bytes") draft.memoryBytes = amount;
  else if (what === "start_time_seconds") draft.startedAtMs = amount * 1000;
}

function finished({ atMs, cpuSeconds, memoryBytes, startedAtMs }: Draft): Reading | undefined {
  if (atMs === undefined || cpuSeconds === undefined || memoryBytes === undefined) return undefined;
  return { atMs, cpuSeconds, memoryBytes, ...(startedAtMs !== undefined && { startedAtMs }) };
}
