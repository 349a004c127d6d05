/**
 * Tells systemd of the service's state (sd_notify(3)), where it started the process with `Type=notify`; does nothing
 * elsewhere. Neither Bun nor Node.js has datagram unix sockets, so three functions of libc are called.
 */
export async function notifySystemd(
  state: string,
  socketPath: string | undefined = process.env.NOTIFY_SOCKET,
): Promise<void> {
  if (!socketPath) return;
  const { dlopen, FFIType, ptr } = await import("bun:ffi");
  const { i32, u64, pointer } = { i32: FFIType.i32, u64: FFIType.u64, pointer: FFIType.ptr };
  const libc = dlopen("libc.so.6", {
    socket: { args: [i32, i32, i32], returns: i32 },
    sendto: { args: [i32, pointer, u64, i32, pointer, i32], returns: FFIType.i64 },
    close: { args: [i32], returns: i32 },
  });
  const address = unixAddress(socketPath);
  const message = Buffer.from(state);
  const descriptor = Number(libc.symbols.socket(afUnix, sockDatagram | sockCloseOnExec, 0));
  if (descriptor < 0) throw new Error(`Cannot open a socket to tell systemd ${JSON.stringify(state)}`);
  try {
    const length = message.byteLength;
    const sent = libc.symbols.sendto(
      descriptor,
      ptr(message),
      length,
      noSignal,
      ptr(address),
      address.byteLength,
    );
    if (Number(sent) !== length)
      throw new Error(`Cannot tell systemd ${JSON.stringify(state)} at ${socketPath}`);
  } finally {
    libc.symbols.close(descriptor);
    libc.close();
  }
}

/** The figures of Linux (`sys/socket.h`). */
const afUnix = 1;
const sockDatagram = 2;
const sockCloseOnExec = 0o2000000;
const noSignal = 0x4000;

/** A `sockaddr_un`: the family, then the path with its end, or an abstract name that systemd writes with `@`. */
function unixAddress(path: string): Buffer {
  const name = path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`;
  const address = Buffer.alloc(2 + Buffer.byteLength(name));
  address.writeUInt16LE(afUnix, 0);
  address.write(name, 2);
  return address;
}
