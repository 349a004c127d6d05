/* Memory and processors that are plugged into the running machine: used at once. */
#pragma once

void growth_init(void);

/* A kernel event, "add@/devices/system/cpu/cpu1": a new processor is put to work. Other events are ignored. */
void growth_announced(const char *event);

/* Puts those to work that could not be yet; to be called when the time that growth_timeout_ms tells is over. */
void growth_look(void);

/* How long to wait at most until growth_look is due, -1 for no limit. */
int growth_timeout_ms(void);
