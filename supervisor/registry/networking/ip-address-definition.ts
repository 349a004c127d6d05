import type { V1IPAddress } from "../../api/generated/types.ts";
import { validateIpAddress, validateIpAddressUpdate } from "../../api/networking/v1/address-validation.ts";
import { checkIp } from "../../apimachinery/validation/ip-formats.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { column, tableOf } from "../table.ts";

type IpAddress = Typed<V1IPAddress>;

/** IPAddresses (kubernetes `pkg/registry/networking/ipaddress`). */
export const ipAddressDefinition: ResourceDefinition = defineResource({
  group: "networking.k8s.io",
  resource: "ipaddresses",
  kind: "IPAddress",
  namespaced: false,
  shortNames: ["ip"],
  strategy: {
    checkName: checkIp,
    validate: (address: IpAddress) => validateIpAddress(address),
    validateUpdate: (address: IpAddress, old: IpAddress) => validateIpAddressUpdate(address, old),
  },
  table: tableOf(
    [column("ParentRef", "The resource that the address is attached to.")],
    ({ spec }: V1IPAddress) => [parentText(spec?.parentRef)],
  ),
});

function parentText(parent: V1IPAddress["spec"]["parentRef"] | undefined): string {
  if (parent === undefined) return "<none>";
  const { group = "", resource, namespace = "", name } = parent;
  const type = group === "" ? resource : `${resource}.${group}`;
  return namespace === "" ? `${type}/${name}` : `${type}/${namespace}/${name}`;
}
