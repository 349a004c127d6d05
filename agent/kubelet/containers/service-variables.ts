import type { V1Service, V1ServicePort } from "../../../supervisor/api/generated/types.ts";

/** Services whose variables every Pod gets, whatever `enableServiceLinks` says. */
const everybodys = { namespace: "default", name: "kubernetes" };

/**
 * The variables by which containers of a namespace find Services (kubelet `getServiceEnvVarMap`): those of the API
 * server's, and with `links` those of the namespace's own that have an address.
 */
export function serviceVariables(
  services: readonly V1Service[],
  namespace: string,
  links: boolean,
): Map<string, string> {
  const variables = new Map<string, string>();
  for (const service of services) {
    const { namespace: in_ = "", name = "" } = service.metadata ?? {};
    const isEverybodys = in_ === everybodys.namespace && name === everybodys.name;
    if (!isEverybodys && !(links && in_ === namespace)) continue;
    const address = service.spec?.clusterIP;
    if (!address || address === "None") continue;
    addVariables(variables, name, address, service.spec?.ports ?? []);
  }
  return variables;
}

function addVariables(
  variables: Map<string, string>,
  name: string,
  address: string,
  ports: readonly V1ServicePort[],
): void {
  const prefix = variableName(name);
  variables.set(`${prefix}_SERVICE_HOST`, address);
  for (const [index, { name: portName, port, protocol = "TCP" }] of ports.entries()) {
    if (index === 0) variables.set(`${prefix}_SERVICE_PORT`, String(port));
    if (portName) variables.set(`${prefix}_SERVICE_PORT_${variableName(portName)}`, String(port));
    const kind = protocol.toLowerCase();
    const url = `${kind}://${address.includes(":") ? `[${address}]` : address}:${port}`;
    if (index === 0) variables.set(`${prefix}_PORT`, url);
    const own = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    variables.set(own, url);
    variables.set(`${own}_PROTO`, kind);
    variables.set(`${own}_PORT`, String(port));
    variables.set(`${own}_ADDR`, address);
  }
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
