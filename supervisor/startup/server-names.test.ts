import { expect, test } from "bun:test";
import { resolveSettings } from "../base/config/resolve-settings.ts";
import { supervisorSettings, toSupervisorOptions } from "../base/config/supervisor-settings.ts";
import { serverNames } from "./server-names.ts";

test("serverNames holds loopback, the advertised address, the Service's first address and extra names", () => {
  const flags = { "advertise-address": "192.0.2.7", listen: "192.0.2.8:6443", "tls-san": "api.example.com" };
  const sources = { flags, environment: {}, file: { path: "", section: {} } };
  const names = serverNames(toSupervisorOptions(resolveSettings("supervisor", supervisorSettings, sources)));
  for (const name of ["localhost", "::1", "192.0.2.7", "192.0.2.8", "10.43.0.1", "api.example.com"]) {
    expect(names).toContain(name);
  }
});
