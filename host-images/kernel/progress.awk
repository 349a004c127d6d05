# Turns the kernel's build log (make's `  CC      path` lines) into progress: one line that is rewritten on a terminal,
# else a line every five percent. Anything that is not such a line (warnings, errors) goes to the file `logfile` alone.
# Variables: terminal (1 or 0), logfile.
# `total` is what make prints in a whole build of 6.1; only the percentage depends on it.
BEGIN { total = 1913 }
{ print > logfile; fflush(logfile) }
/^  [A-Z0-9_]+ +[^ ]/ {
  done++
  percent = int(100 * done / total)
  if (percent > 99) percent = 99
  if (terminal) {
    if (percent != last) printf "\r  compiling the guest kernel: %d/%d, %d %%  ", done, total, percent
    last = percent
  } else if (percent >= last + 5) {
    last = percent - percent % 5
    printf "  compiling the guest kernel: %d/%d, %d %%\n", done, total, last
  }
  fflush()
}
END { printf "%s  compiled, in %d steps\n", terminal ? "\r" : "", done }
