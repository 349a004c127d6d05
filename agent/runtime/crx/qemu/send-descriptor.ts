import { dlopen, ptr } from "bun:ffi";
import type { Socket } from "node:net";

// linux/socket.h, on x86-64
const solSocket = 1;
const scmRights = 1;
const dontWait = 0x40;
const noSignal = 0x4000;
const controlLength = 20;

let opened: ReturnType<typeof openLibrary> | undefined;

/**
 * Sends bytes over a connected unix socket and with them a copy of an open descriptor (SCM_RIGHTS, unix(7)), for which
 * node's sockets have no call. Nothing may wait in the socket to be written. Returns how many bytes were sent; throws
 * when none were.
 */
export function sendDescriptor(socket: Socket, bytes: Uint8Array, descriptor: number): number {
  const control = new ArrayBuffer(24);
  new BigUint64Array(control, 0, 1).set([BigInt(controlLength)]);
  new Int32Array(control, 8, 3).set([solSocket, scmRights, descriptor]);
  const vector = new BigUint64Array([BigInt(ptr(bytes)), BigInt(bytes.length)]);
  const controlBytes = new Uint8Array(control);
  // struct msghdr: name, its length, vector, its count, control, its length, flags
  const header = new BigUint64Array([
    0n,
    0n,
    at(vector),
    1n,
    at(controlBytes),
    BigInt(control.byteLength),
    0n,
  ]);
  opened ??= openLibrary();
  const sent = Number(opened.symbols.sendmsg(descriptorOf(socket), header, dontWait | noSignal));
  if (sent <= 0) throw new Error("The kernel sent no descriptor over a socket");
  return sent;
}

function at(memory: NodeJS.TypedArray): bigint {
  return BigInt(ptr(memory));
}

/** Node's own sockets keep theirs there too; there is no public name for it. */
function descriptorOf(socket: Socket): number {
  const descriptor: unknown = Object(Reflect.get(socket, "_handle")).fd;
  if (typeof descriptor !== "number" || descriptor < 0) throw new Error("The socket has no descriptor");
  return descriptor;
}

function openLibrary() {
  return dlopen("libc.so.6", { sendmsg: { args: ["i32", "ptr", "i32"], returns: "i64" } });
}
