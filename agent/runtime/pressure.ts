/** For how long tasks waited for something that they lacked, so far and of late, in percent of the time. */
interface PressureFigures {
  readonly totalMicroseconds: number;
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

/** The kernel's pressure stall information on one resource: while some tasks waited, and while all did. */
export interface Pressure {
  readonly some: PressureFigures;
  readonly full: PressureFigures;
}

/** Absent where the kernel does not tell. */
export interface Pressures {
  readonly cpu?: Pressure;
  readonly memory?: Pressure;
  readonly io?: Pressure;
}

/** More than the kernel's two lines have. */
const maxLength = 512;
const line = /^(some|full) avg10=(\d+\.\d+) avg60=(\d+\.\d+) avg300=(\d+\.\d+) total=(\d+)$/gm;

/** Reads `cpu.pressure`, `/proc/pressure/cpu` and the like; undefined for what does not look like them. */
export function readPressure(text: string): Pressure | undefined {
  const found = new Map<string, PressureFigures>();
  for (const [, kind = "", avg10, avg60, avg300, total] of text.slice(0, maxLength).matchAll(line)) {
    found.set(kind, {
      totalMicroseconds: Number(total),
      avg10: Number(avg10),
      avg60: Number(avg60),
      avg300: Number(avg300),
    });
  }
  const [some, full] = [found.get("some"), found.get("full")];
  return some && full && { some, full };
}
