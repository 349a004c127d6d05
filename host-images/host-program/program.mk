# For a program that runs on the host: `make` builds $(PROGRAM) of the folder's sources, static with musl, into $(OUT).
OUT ?= build
CC_STATIC ?= musl-gcc
CC_HOST ?= gcc

WARNINGS := -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
  -Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wnull-dereference
# Kernel headers come from linux-libc-dev, after musl's own.
HEADERS := -idirafter /usr/include/$(shell $(CC_HOST) -print-multiarch) -idirafter /usr/include
SHARED := $(dir $(lastword $(MAKEFILE_LIST)))
CFLAGS := -std=c11 -D_GNU_SOURCE -DPROGRAM='"$(PROGRAM)"' -I$(SHARED) -O2 -g0 -fPIE -fstack-protector-strong \
  -D_FORTIFY_SOURCE=2 $(WARNINGS)
SOURCES := $(sort $(wildcard *.c) fail.c)
OBJECTS := $(SOURCES:%.c=$(OUT)/%.o)
VPATH := $(SHARED)

.PHONY: all clean
all: $(OUT)/$(PROGRAM)

$(OUT)/$(PROGRAM): $(OBJECTS)
	$(CC_STATIC) -static -s -Wl,--build-id=none -o $@ $^

$(OUT)/%.o: %.c $(wildcard *.h $(SHARED)*) Makefile | $(OUT)
	$(CC_STATIC) $(CFLAGS) $(HEADERS) -c -o $@ $<

$(OUT):
	mkdir -p $@

clean:
	rm -rf $(OUT)
