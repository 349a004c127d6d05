import { namesOf } from "./names-of.ts";
import type { QmpClient } from "./qmp-client.ts";

const folder = "/machine/peripheral";

/** The ids of a machine's devices that have one. */
export async function peripheralIds(qmp: QmpClient): Promise<string[]> {
  return namesOf(await qmp.execute("qom-list", { path: folder }), "name");
}

/** A device's slot on its bus. */
export async function peripheralSlot(qmp: QmpClient, id: string): Promise<number> {
  // The address holds the slot above three bits for the function.
  return Number(await peripheralProperty(qmp, id, "addr")) >> 3;
}

export async function peripheralProperty(qmp: QmpClient, id: string, property: string): Promise<unknown> {
  return await qmp.execute("qom-get", { path: `${folder}/${id}`, property });
}
