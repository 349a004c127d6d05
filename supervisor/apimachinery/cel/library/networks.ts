/** Addresses and networks (apiserver `cel/library/{ip,cidr}.go`). */
import { CelError } from "../cel-error.ts";
import { type CallCost, declare, type Implementation, type Library } from "../declarations.ts";
import { costSize, readsFirst, traversal } from "../sizes.ts";
import { objectType } from "../types.ts";
import { CelForeign, type CelValue } from "../values.ts";
import { foreign, text } from "./arguments.ts";
import { type IpAddress, ipAddressText, isMapped, maskedAddress, parseIpAddress } from "./ip-address.ts";

const ipType = "net.IP";
const cidrType = "net.CIDR";

class IpValue extends CelForeign {
  readonly typeName = ipType;
  readonly address: IpAddress;

  constructor(address: IpAddress) {
    super();
    this.address = address;
  }

  equals(other: CelForeign): boolean {
    return other instanceof IpValue && ipAddressText(other.address) === ipAddressText(this.address);
  }
}

class CidrValue extends CelForeign {
  readonly typeName = cidrType;
  readonly address: IpAddress;
  readonly prefixLength: number;

  constructor(address: IpAddress, prefixLength: number) {
    super();
    this.address = address;
    this.prefixLength = prefixLength;
  }

  get text(): string {
    return `${ipAddressText(this.address)}/${this.prefixLength}`;
  }

  equals(other: CelForeign): boolean {
    return other instanceof CidrValue && other.text === this.text;
  }

  contains(address: IpAddress): boolean {
    const { bytes } = this.address;
    if (bytes.length !== address.bytes.length) return false;
    const own = maskedAddress(this.address, this.prefixLength);
    return ipAddressText(own) === ipAddressText(maskedAddress(address, this.prefixLength));
  }
}

/** Throws a {@link CelError}. */
function parseIp(raw: string): IpValue {
  const quoted = JSON.stringify(raw);
  const address = parseIpAddress(raw);
  if (address === undefined) {
    const why = `ParseAddr(${quoted}): unable to parse IP`;
    throw new CelError(`IP Address ${quoted} parse error during conversion from string: ${why}`);
  }
  if (address.zone !== "") throw new CelError(`IP address ${quoted} with zone value is not allowed`);
  if (isMapped(address)) throw new CelError(`IPv4-mapped IPv6 address ${quoted} is not allowed`);
  return new IpValue(address);
}

/** Throws a {@link CelError}. */
function parseCidr(raw: string): CidrValue {
  const refuse = (why: string) =>
    new CelError(`network address parse error during conversion from string: ${why}`);
  const [, host = "", digits = ""] = /^(.*)\/(0|[1-9]\d{0,2})$/s.exec(raw) ?? [];
  const address = parseIpAddress(host);
  const length = Number(digits);
  if (address === undefined || address.zone !== "" || digits === "" || length > address.bytes.length * 8) {
    const quoted = JSON.stringify(raw);
    throw refuse(
      `network address parse error during conversion from string: netip.ParsePrefix(${quoted}): invalid`,
    );
  }
  if (isMapped(address)) throw refuse(`IPv4-mapped IPv6 address ${JSON.stringify(raw)} is not allowed`);
  return new CidrValue(address, length);
}

function succeeds(parse: (raw: string) => unknown): Implementation {
  return ([value]) => {
    try {
      parse(text(value));
      return true;
    } catch (error) {
      if (error instanceof CelError) return false;
      throw error;
    }
  };
}

function is(test: (bytes: readonly number[]) => boolean): Record<string, Implementation> {
  return { [`${ipType}.() -> bool`]: ([value]) => test(foreign(IpValue, value).address.bytes) };
}

function isZero(bytes: readonly number[]): boolean {
  return bytes.every((byte) => byte === 0);
}

function isLoopback(bytes: readonly number[]): boolean {
  return bytes.length === 4 ? bytes[0] === 127 : isZero(bytes.slice(0, 15)) && bytes[15] === 1;
}

function isLinkLocalMulticast([first, second, third, ...rest]: readonly number[]): boolean {
  return rest.length === 1
    ? first === 224 && second === 0 && third === 0
    : first === 255 && ((second ?? 0) & 15) === 2;
}

function isLinkLocalUnicast([first, second, ...rest]: readonly number[]): boolean {
  return rest.length === 2
    ? first === 169 && second === 254
    : first === 254 && ((second ?? 0) & 0xc0) === 0x80;
}

function isGlobalUnicast(bytes: readonly number[]): boolean {
  const [first = 0] = bytes;
  const isMulticast = bytes.length === 4 ? first >> 4 === 14 : first === 255;
  const isBroadcast = bytes.length === 4 && bytes.every((byte) => byte === 255);
  return !(isZero(bytes) || isBroadcast || isLoopback(bytes) || isMulticast || isLinkLocalUnicast(bytes));
}

/** Comparing as many bytes as the network's prefix has, and reading the other where it is a text. */
function containsCost(passes: number, extra: number): CallCost {
  return ([network, other]) => {
    const bytes = network instanceof CidrValue ? Math.ceil(network.prefixLength / 8) : 1;
    const read = typeof other === "string" ? traversal(costSize(other)) : 0;
    return traversal(bytes, 2) + (passes === 3 ? traversal(bytes) : 0) + extra + read;
  };
}

function containsIp(network: CelValue | undefined, { address }: IpValue): boolean {
  return foreign(CidrValue, network).contains(address);
}

function containsCidr(network: CelValue | undefined, other: CidrValue): boolean {
  const own = foreign(CidrValue, network);
  return own.prefixLength <= other.prefixLength && own.contains(other.address);
}

export const networksLibrary: Library = {
  typeNames: { [ipType]: objectType(ipType), [cidrType]: objectType(cidrType) },
  functions: [
    declare("ip", { [`(string) -> ${ipType}`]: ([value]) => parseIp(text(value)) }, readsFirst),
    declare("ip", {
      [`${cidrType}.() -> ${ipType}`]: ([value]) => new IpValue(foreign(CidrValue, value).address),
    }),
    declare("isIP", { "(string) -> bool": succeeds(parseIp) }, readsFirst),
    declare(
      "ip.isCanonical",
      { "(string) -> bool": ([value]) => ipAddressText(parseIp(text(value)).address) === value },
      ([value]) => traversal(costSize(value), 2),
    ),
    declare("family", {
      [`${ipType}.() -> int`]: ([value]) => (foreign(IpValue, value).address.bytes.length === 4 ? 4n : 6n),
    }),
    declare("isUnspecified", is(isZero)),
    declare("isLoopback", is(isLoopback)),
    declare("isLinkLocalMulticast", is(isLinkLocalMulticast)),
    declare("isLinkLocalUnicast", is(isLinkLocalUnicast)),
    declare("isGlobalUnicast", is(isGlobalUnicast)),
    declare("cidr", { [`(string) -> ${cidrType}`]: ([value]) => parseCidr(text(value)) }, readsFirst),
    declare("isCIDR", { "(string) -> bool": succeeds(parseCidr) }, readsFirst),
    declare("string", {
      [`(${ipType}) -> string`]: ([value]) => ipAddressText(foreign(IpValue, value).address),
      [`(${cidrType}) -> string`]: ([value]) => foreign(CidrValue, value).text,
    }),
    declare(
      "containsIP",
      {
        [`${cidrType}.(string) -> bool`]: ([network, other]) => containsIp(network, parseIp(text(other))),
        [`${cidrType}.(${ipType}) -> bool`]: ([network, other]) =>
          containsIp(network, foreign(IpValue, other)),
      },
      containsCost(2, 0),
    ),
    declare(
      "containsCIDR",
      {
        [`${cidrType}.(string) -> bool`]: ([network, other]) => containsCidr(network, parseCidr(text(other))),
        [`${cidrType}.(${cidrType}) -> bool`]: ([network, other]) =>
          containsCidr(network, foreign(CidrValue, other)),
      },
      containsCost(3, 1),
    ),
    declare("prefixLength", {
      [`${cidrType}.() -> int`]: ([value]) => BigInt(foreign(CidrValue, value).prefixLength),
    }),
    declare("masked", {
      [`${cidrType}.() -> ${cidrType}`]: ([value]) => {
        const { address, prefixLength } = foreign(CidrValue, value);
        return new CidrValue(maskedAddress(address, prefixLength), prefixLength);
      },
    }),
  ],
};
