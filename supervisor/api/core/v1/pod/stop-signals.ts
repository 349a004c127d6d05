const named =
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ";
const realTimeMin = Array.from({ length: 15 }, (_, index) => `SIGRTMIN+${index + 1}`);
const realTimeMax = Array.from({ length: 14 }, (_, index) => `SIGRTMAX-${index + 1}`);

/** The signals by which a container can be asked to stop (core/v1 `Signal`), sorted as messages name them. */
export const linuxSignals: readonly string[] = [
  ...named.split(" ").map((name) => `SIG${name}`),
  "SIGRTMIN",
  "SIGRTMAX",
  ...realTimeMin,
  ...realTimeMax,
].sort();

export const windowsSignals: readonly string[] = ["SIGKILL", "SIGTERM"];
