import { expect, test } from "bun:test";
import { resolveSettings, type Setting, type SettingSources } from "./resolve-settings.ts";
import { UsageError } from "./usage-error.ts";

const settings: readonly Setting[] = [
  { name: "data-dir", value: "PATH", description: "", default: "/var/lib/x" },
  { name: "node-name", value: "NAME", description: "" },
  {
    name: "accel",
    value: "KIND",
    description: "",
    check: (text) => {
      if (text !== "kvm") throw new Error("expected kvm");
    },
  },
];

function resolve(
  sources: Partial<Omit<SettingSources, "file">> & { readonly section?: Record<string, unknown> },
) {
  const { flags = {}, environment = {}, section = {} } = sources;
  return resolveSettings("host", settings, { flags, environment, file: { path: "/etc/c.yaml", section } });
}

test("a flag goes before a variable, that before a key, that before the default", () => {
  const section = { "data-dir": "/key" };
  const environment = { PACIFIC_HOST_DATA_DIR: "/variable" };
  expect(resolve({ flags: { "data-dir": "/flag" }, environment, section })).toEqual({ "data-dir": "/flag" });
  expect(resolve({ environment, section })).toEqual({ "data-dir": "/variable" });
  expect(resolve({ environment: { PACIFIC_HOST_DATA_DIR: "" }, section })).toEqual({ "data-dir": "/key" });
  expect(resolve({})).toEqual({ "data-dir": "/var/lib/x" });
});

test("a list in the file is joined, and a number read as text", () => {
  expect(resolve({ section: { "node-name": ["a", "b"], "data-dir": 7 } })).toEqual({
    "node-name": "a,b",
    "data-dir": "7",
  });
});

test("a bad value is named with where it came from", () => {
  expect(() => resolve({ flags: { accel: "xen" } })).toThrow(
    new UsageError('--accel is "xen": expected kvm'),
  );
  expect(() => resolve({ environment: { PACIFIC_HOST_ACCEL: "xen" } })).toThrow(
    'PACIFIC_HOST_ACCEL is "xen"',
  );
  expect(() => resolve({ section: { accel: "xen" } })).toThrow('accel in /etc/c.yaml is "xen"');
});

test("an unknown key of the file is named", () => {
  expect(() => resolve({ section: { nodename: "a" } })).toThrow(
    '/etc/c.yaml has an unknown key "nodename" under "host": expected one of data-dir, node-name, accel',
  );
});
