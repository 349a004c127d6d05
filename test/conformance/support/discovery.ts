import { expect } from "bun:test";
import type { Api } from "./api.ts";

interface GroupVersionResources {
  readonly group: string;
  readonly version: string;
  /** Plurals, and subresources as `pods/status`. */
  readonly resources: readonly string[];
}

/** The three documents of discovery know the group, its version and the resources. */
export async function expectDiscovered(
  api: Api,
  { group, version, resources }: GroupVersionResources,
): Promise<void> {
  const groupVersion = { groupVersion: `${group}/${version}`, version };
  const groups = await api.call("GET", "/apis");
  expect(groups.body.groups).toContainEqual(
    expect.objectContaining({ name: group, versions: expect.arrayContaining([groupVersion]) }),
  );
  expect((await api.call("GET", `/apis/${group}`)).body.versions).toContainEqual(groupVersion);
  const { body } = await api.call("GET", `/apis/${group}/${version}`);
  const names = body.resources.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining([...resources]));
}
