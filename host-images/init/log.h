/* PID 1's own words, for the console that the host keeps. */
#pragma once

/* One line to the kernel's log, with which the console's order is kept. Needs /dev. */
__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);
