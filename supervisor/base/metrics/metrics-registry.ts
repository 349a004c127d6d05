/**
 * Metrics in the text format of Prometheus (exposition format 0.0.4). A metric's series are objects that their users
 * keep: counting costs an addition, and a label's text is made once.
 */
export type LabelValues = Readonly<Record<string, string>>;

/** Counts up, or holds a value. */
export interface Series {
  add(amount: number): void;
  set(value: number): void;
}

/** Sorts observations into buckets. */
export interface HistogramSeries {
  observe(value: number): void;
}

/** The series of a metric by their labels, which are made when they are first asked for. */
export interface SeriesOf<T> {
  (labels?: LabelValues): T;
  /** Forgets a series: what it is about is gone. */
  remove(labels: LabelValues): void;
}

/** What can only be told when it is asked for. */
type Collector = () => Promise<readonly Sample[]> | readonly Sample[];

export interface Sample {
  readonly labels: LabelValues;
  readonly value: number;
  /** When the value was true, in milliseconds since 1970; absent: when it is asked for. */
  readonly timestampMs?: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  lines(): Promise<readonly string[]> | readonly string[];
}

/** The media type of {@link MetricsRegistry.text}. */
export const metricsMediaType = "text/plain; version=0.0.4; charset=utf-8";

export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  /** The series of a counter or a gauge, by their labels. Throws a RangeError where the name is taken. */
  values(type: "counter" | "gauge", name: string, help: string): SeriesOf<Series> {
    const series = new Map<string, { value: number } & Series>();
    this.#add({
      name,
      help,
      type,
      lines: () => Array.from(series, ([labels, { value }]) => `${name}${labels} ${numberText(value)}`),
    });
    return seriesOf(series, newSeries);
  }

  /** The series of a histogram with these upper bounds, ascending. */
  histogram(name: string, help: string, bounds: readonly number[]): SeriesOf<HistogramSeries> {
    const series = new Map<string, Buckets>();
    this.#add({
      name,
      help,
      type: "histogram",
      lines: () => Array.from(series.values()).flatMap((buckets) => buckets.lines(name)),
    });
    return seriesOf(series, (labels) => new Buckets(labels, bounds));
  }

  /** Values that are read when somebody asks for them. */
  collected(type: "counter" | "gauge", name: string, help: string, collect: Collector): void {
    const line = ({ labels, value, timestampMs }: Sample): string => {
      const at = timestampMs === undefined ? "" : ` ${timestampMs}`;
      return `${name}${labelsText(labels)} ${numberText(value)}${at}`;
    };
    this.#add({ name, help, type, lines: async () => (await collect()).map(line) });
  }

  /** All metrics, by name. */
  async text(): Promise<string> {
    const families = Array.from(this.#families.values()).sort((a, b) => (a.name < b.name ? -1 : 1));
    const parts: string[] = [];
    for (const { name, help, type, lines } of families) {
      const body = await lines();
      if (body.length === 0) continue;
      parts.push(
        `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}`,
        `# TYPE ${name} ${type}`,
      );
      parts.push(...body);
    }
    return `${parts.join("\n")}\n`;
  }

  #add(family: Family): void {
    if (this.#families.has(family.name)) throw new RangeError(`Metric ${family.name} exists already`);
    this.#families.set(family.name, family);
  }
}

/** Series by the text of their labels. */
function seriesOf<T>(series: Map<string, T>, make: (labels: LabelValues) => T): SeriesOf<T> {
  const find = (labels: LabelValues = {}): T => {
    const text = labelsText(labels);
    const known = series.get(text);
    if (known !== undefined) return known;
    const made = make(labels);
    series.set(text, made);
    return made;
  };
  const remove = (labels: LabelValues): void => {
    series.delete(labelsText(labels));
  };
  return Object.assign(find, { remove });
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

function newSeries() {
  const series = {
    value: 0,
    add: (amount: number): void => {
      series.value += amount;
    },
    set: (value: number): void => {
      series.value = value;
    },
  };
  return series;
}

class Buckets implements HistogramSeries {
  readonly #labels: LabelValues;
  readonly #bounds: readonly number[];
  /** How many observations lie in each bucket alone; the last has no bound. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(labels: LabelValues, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  lines(name: string): readonly string[] {
    let count = 0;
    const lines = Array.from(this.#counts, (own, index) => {
      count += own;
      const bound = this.#bounds[index];
      const le = bound === undefined ? "+Inf" : boundText(bound);
      return `${name}_bucket${labelsText({ ...this.#labels, le })} ${count}`;
    });
    const labels = labelsText(this.#labels);
    return [...lines, `${name}_sum${labels} ${this.#sum}`, `${name}_count${labels} ${count}`];
  }
}

/** A bound as upstream's servers write it: series of one bound have one label. */
function boundText(bound: number): string {
  if (bound === 0 || bound >= 0.0001) return String(bound);
  return bound.toExponential().replace(/e-(\d)$/, "e-0$1");
}

function labelsText(labels: LabelValues): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
