import { expect, test } from "bun:test";
import type { V1Node } from "../../api/generated/types.ts";
import type { CertificateRequest } from "../../base/pki/certificate-request.ts";
import { strangeServingName } from "./serving-names.ts";

function node(name: string, ...addresses: readonly string[]): V1Node {
  const listed = addresses.map((address) => ({ type: "InternalIP", address }));
  return { metadata: { name }, status: { addresses: [...listed, { type: "Hostname", address: name }] } };
}

const box = node("box", "192.0.2.7", "2001:db8::7");
const other = node("other", "192.0.2.8");

function strange(
  dnsNames: string[],
  ipAddresses: string[],
  known: V1Node | undefined = box,
): string | undefined {
  const request: CertificateRequest = {
    commonName: "system:node:box",
    organizations: ["system:nodes"],
    dnsNames,
    ipAddresses,
    otherNames: 0,
    subject: Buffer.alloc(0),
    keyInfo: Buffer.alloc(0),
    publicKeyHash: "",
  };
  return strangeServingName(request, known, [box, other], ["kubernetes", "192.0.2.1"]);
}

test("a Node's own names are its own, however they are written", () => {
  expect(strange(["box"], ["192.0.2.7", "2001:db8:0:0:0:0:0:7"])).toBeUndefined();
});

test("a name of nobody, of another Node or of the API server is left to people", () => {
  expect(strange(["elsewhere"], [])).toBe("elsewhere is no address of the Node");
  expect(strange([], ["192.0.2.8"], node("box", "192.0.2.8"))).toBe(
    "192.0.2.8 is an address of another Node too",
  );
  expect(strange([], ["192.0.2.1"], node("box", "192.0.2.1"))).toBe("192.0.2.1 is the API server's");
  expect(strange([], ["127.0.0.1"], node("box", "127.0.0.1"))).toBe("127.0.0.1 is the API server's");
});
