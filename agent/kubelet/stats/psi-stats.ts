import type { Pressure, Pressures } from "../../runtime/pressure.ts";
import type { IoStats, PsiStats } from "./summary.ts";

/** Parts of the summary that tell of one resource's pressure; empty where nothing is told. */
export function psiOf(pressure: Pressure | undefined): { readonly psi?: PsiStats } {
  return pressure ? { psi: { full: dataOf(pressure.full), some: dataOf(pressure.some) } } : {};
}

export function ioOf(time: string, pressures: Pressures | undefined): { readonly io?: IoStats } {
  return pressures?.io ? { io: { time, ...psiOf(pressures.io) } } : {};
}

function dataOf({ totalMicroseconds, ...averages }: Pressure["some"]): PsiStats["some"] {
  return { total: totalMicroseconds, ...averages };
}
