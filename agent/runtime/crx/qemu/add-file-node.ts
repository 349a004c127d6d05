import { descriptorFile } from "./command-line.ts";
import type { QmpClient } from "./qmp-client.ts";

/** Arguments of `blockdev-add`, for the name by which QEMU opens the file. */
export type MakeNode = (fileName: string) => Readonly<Record<string, unknown>>;

/**
 * Gives QEMU an open file as a block node, for a use if there is one; where that fails the node goes again. QEMU sees no
 * folder of the host: it gets a copy of the descriptor, and drops the set once the node has it. Throws what QEMU and the
 * use say.
 */
export async function addFileNode(
  qmp: QmpClient,
  { fd }: { readonly fd: number },
  makeNode: MakeNode,
  use?: () => Promise<unknown>,
): Promise<void> {
  const set = await qmp.addDescriptor(fd);
  const node = makeNode(descriptorFile(set));
  try {
    await qmp.execute("blockdev-add", node);
  } finally {
    await qmp.execute("remove-fd", { "fdset-id": set });
  }
  try {
    await use?.();
  } catch (error) {
    await qmp.execute("blockdev-del", { "node-name": node["node-name"] });
    throw error;
  }
}
