/** The value of a metric's first series whose labels hold this text, on a page of metrics; NaN without one. */
export function metricValue(page: string, name: string, labels = ""): number {
  const lines = page.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const line = lines.find((each) => each.includes(labels));
  return Number(
    line
      ?.slice(line.lastIndexOf("}") + 1)
      .trim()
      .split(" ")
      .at(line.includes("{") ? 0 : 1),
  );
}
