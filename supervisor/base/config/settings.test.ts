import { expect, test } from "bun:test";
import { hostSettings, toHostSettings } from "./host-settings.ts";
import { resolveSettings } from "./resolve-settings.ts";
import { parseServerUrl } from "./server-url.ts";
import { supervisorSettings, toSupervisorOptions } from "./supervisor-settings.ts";

function sources(flags: Readonly<Record<string, string>>) {
  return { flags, environment: {}, file: { path: "/etc/c.yaml", section: {} } };
}

test("toSupervisorOptions fills in what the architecture says", () => {
  expect(toSupervisorOptions(resolveSettings("supervisor", supervisorSettings, sources({})))).toEqual({
    dataDir: "/var/lib/pacific/supervisor",
    listen: { host: "0.0.0.0", port: 6443 },
    tlsNames: [],
    kubeconfigPath: "/etc/pacific/kubeconfig.yaml",
    clusterCidr: "10.42.0.0/16",
    serviceCidr: "10.43.0.0/16",
    disabled: new Set(),
    logLevel: "info",
  });
});

test("an instance with another data directory keeps its kubeconfig there", () => {
  const flags = { "data-dir": "/tmp/x", disable: "scheduler, controllers" };
  const options = toSupervisorOptions(resolveSettings("supervisor", supervisorSettings, sources(flags)));
  expect(options.kubeconfigPath).toBe("/tmp/x/kubeconfig.yaml");
  expect([...options.disabled]).toEqual(["scheduler", "controllers"]);
});

test("every flag that an option is made of is a setting of its mode", () => {
  const read = (convert: (values: Readonly<Record<string, string>>) => unknown): string[] => {
    const names = new Set<string>();
    const remember = (_: object, name: string | symbol): string | undefined => {
      names.add(String(name));
      return name === "listen" ? "127.0.0.1:1" : undefined;
    };
    convert(new Proxy({}, { get: remember }));
    return [...names];
  };
  expect(supervisorSettings.map(({ name }) => name)).toEqual(
    expect.arrayContaining(read(toSupervisorOptions)),
  );
  expect(hostSettings.map(({ name }) => name)).toEqual(expect.arrayContaining(read(toHostSettings)));
});

test("toHostSettings takes a supervisor or a kubeconfig, not both", () => {
  const values = resolveSettings("host", hostSettings, sources({ "node-name": "n", server: "https://a:1" }));
  expect(toHostSettings(values)).toMatchObject({ nodeName: "n", server: "https://a:1", accel: "auto" });
  expect(() => toHostSettings({ ...values, kubeconfig: "/k" })).toThrow("one or the other");
});

test("a server's address is checked when settings are resolved, and loses its last slash", () => {
  const server = hostSettings.find(({ name }) => name === "server");
  expect(() => server?.check?.("foo")).toThrow("expected an address such as https://192.0.2.1:6443");
  expect(() => server?.check?.("http://box:6443")).toThrow("expected an address");
  expect(parseServerUrl("https://box:6443/")).toBe("https://box:6443");
});
