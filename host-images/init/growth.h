/* Memory and processors that are plugged into the running machine: used at once. */
#pragma once

void growth_init(void);

/* A kernel event, "add@/devices/system/cpu/cpu1": a new processor is put to work. Other events are ignored. */
void growth_announced(const char *event);
