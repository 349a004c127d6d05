import { closeSync, constants, openSync } from "node:fs";
import { connect, type Socket } from "node:net";

/**
 * Connects to the unix socket `name` inside `directory`. A socket's address holds at most 107 bytes, which data
 * directories exceed, so the address goes through a descriptor of the directory.
 * Rejects with the system's error (`ENOENT`, `ECONNREFUSED`, …).
 */
export function connectUnix(directory: string, name: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const directoryFd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
    const socket = connect(`/proc/self/fd/${directoryFd}/${name}`);
    socket.once("connect", () => {
      closeSync(directoryFd);
      socket.removeAllListeners("error");
      // A socket that breaks before its owner listens must not end the daemon; the owner learns it by `close`.
      socket.on("error", () => socket.destroy());
      resolve(socket);
    });
    socket.once("error", (error) => {
      closeSync(directoryFd);
      reject(error);
    });
  });
}
