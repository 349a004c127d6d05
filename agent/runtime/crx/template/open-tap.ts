import { closeSync, openSync } from "node:fs";
import { libc } from "./libc.ts";

// linux/if_tun.h
const setInterface = 0x4004_54ca;
const tapWithoutInfo = 0x0002 | 0x1000;
const withVnetHeader = 0x4000;
const nameLength = 16;
const requestLength = 40;

/** Makes a tap that goes with the returned descriptor and leads nowhere. Throws without the right to make one. */
export function openTap(): number {
  const descriptor = openSync("/dev/net/tun", "r+");
  const request = Buffer.alloc(requestLength);
  request.write("pacific-tpl%d");
  request.writeUInt16LE(tapWithoutInfo | withVnetHeader, nameLength);
  if (libc().ioctl(descriptor, setInterface, request) === 0) return descriptor;
  closeSync(descriptor);
  throw new Error("The kernel gave no tap device for the template");
}
