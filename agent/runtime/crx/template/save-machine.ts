import type { QmpClient } from "../qemu/qmp-client.ts";
import type { MemoryFile } from "./memory-file.ts";

const descriptorName = "state";

/**
 * Writes all of a running machine's state but its memory into a file; QEMU stops the machine at the end. As it is
 * running when it is saved, it runs as soon as it is loaded. Throws the signal's reason.
 */
export async function saveMachine(qmp: QmpClient, state: MemoryFile, signal: AbortSignal): Promise<void> {
  const capabilities = ["x-ignore-shared", "events"].map((capability) => ({ capability, state: true }));
  await qmp.execute("migrate-set-capabilities", { capabilities });
  await state.lend((descriptor) => qmp.nameDescriptor(descriptorName, descriptor));
  const stop = new AbortController();
  try {
    const completed = migrationEnd(qmp, AbortSignal.any([signal, stop.signal]));
    await Promise.all([qmp.execute("migrate", { uri: `fd:${descriptorName}` }), completed]);
  } finally {
    stop.abort();
  }
}

/** Resolves when QEMU has saved all; rejects when it could not. */
function migrationEnd(qmp: QmpClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = qmp.onEvent(({ event, data }) => {
      if (event !== "MIGRATION") return;
      if (data.status === "completed") resolve();
      if (data.status === "failed") reject(new Error("QEMU could not save the machine's state"));
    });
    qmp.closed.then(() => reject(new Error("QEMU ended while it saved the machine's state")));
    signal.addEventListener("abort", () => {
      stop();
      reject(signal.reason);
    });
  });
}
