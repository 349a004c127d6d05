import { closeSync, openSync } from "node:fs";
import { libc } from "./libc.ts";

// linux/if_tun.h
const setInterface = 0x4004_54ca;
const tapWithoutInfo = 0x0002 | 0x1000;
const withVnetHeader = 0x4000;
const nameLength = 16;
const requestLength = 40;

/** A tap that goes with its last descriptor. */
export interface OpenTap {
  readonly descriptor: number;
  /** What the kernel calls it. */
  readonly name: string;
}

/**
 * Makes a tap that goes with its descriptor and leads nowhere until somebody brings it up; for `%d` in the name the
 * kernel puts a number. Throws without the right to make one.
 */
export function openTap(pattern: string): OpenTap {
  const descriptor = openSync("/dev/net/tun", "r+");
  const request = Buffer.alloc(requestLength);
  request.write(pattern);
  request.writeUInt16LE(tapWithoutInfo | withVnetHeader, nameLength);
  if (libc().ioctl(descriptor, setInterface, request) === 0) {
    return { descriptor, name: request.toString("latin1", 0, request.indexOf(0)) };
  }
  closeSync(descriptor);
  throw new Error(`The kernel gave no tap device ${pattern}`);
}
