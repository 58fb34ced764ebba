# SPDX-License-Identifier: GPL-2.0
# For people: what to type. What the module is made of is in Kbuild, what the
# reporter is made of in userspace/Makefile.

KDIR ?= /lib/modules/$(shell uname -r)/build
DESTDIR ?=
PREFIX ?= /usr/local

.DEFAULT_GOAL := all
.PHONY: all
all: module userspace ## tcphs.ko and userspace/tcphs, for the running kernel

.PHONY: module
module: $(KDIR)/Makefile ## tcphs.ko; KDIR=... for another kernel's headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

$(KDIR)/Makefile:
	@echo "No kernel headers in $(KDIR): the module cannot be built." >&2
	@echo "  On Debian:  apt-get install linux-headers-$$(uname -r)" >&2
	@echo "  For another kernel:  make module KDIR=/path/to/its/headers" >&2
	@echo "  'make userspace' needs none; 'make demo' and 'make check' bring their own." >&2
	@exit 1

.PHONY: userspace
userspace: ## userspace/tcphs, the reporter; needs no kernel headers
	$(MAKE) -C userspace

.PHONY: demo
demo: ## a VM with the module, nginx and curl: see it work, in a minute
	@tests/vm/demo

.PHONY: check
check: ## every test; installs what it needs after naming it
	@tests/check

.PHONY: check-all
check-all: ## every scenario on every kernel, one that looks for faults included; resumable
	@tests/check-all

.PHONY: lint
lint: ## style, warnings, and the walls between the rooms
	@tests/check lint

.PHONY: builds
builds: ## the module by gcc and clang for each kernel that Debian 12 offers, earlier ones too
	@tests/builds/check all

.PHONY: fuzz
fuzz: ## the fuzzers, a minute of each, two at a time
	@tests/check fuzz

.PHONY: cases
cases: userspace ## captures that others made, and what they say of them
	@tests/cases/outside.py
	@tests/cases/metamorphic.py --all
	@tests/cases/events.py

.PHONY: model
model: ## spin searches every state of two endpoints, a bad network and the engine
	@tests/model/run
	@tests/model/prove

.PHONY: compare
compare: ## Documentation/comparison.md anew: five observers, twenty scenarios
	@tests/compare/run

.PHONY: vm
vm: ## a shell in the test VM, the module loaded
	@tests/vm/run --shell

.PHONY: truth
truth: ## 10,000 connections on each kernel, their sockets as judge; SEED=, COUNT=
	@tests/vm/truth

.PHONY: timewait
timewait: ## each cause of a TIME_WAIT, and 100,000 of them, their sockets as judge
	@tests/vm/timewait

.PHONY: bench
bench: ## what tcphs costs beside its peers, against the goals: half an hour, resumable
	@tests/bench/bench

.PHONY: bench-quick
bench-quick: ## instructions for packets alone, against the stored baseline
	@tests/bench/bench --quick

.PHONY: install
install: all ## the module for KDIR's kernel, the reporter, its manual and unit
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install INSTALL_MOD_PATH=$(DESTDIR)
	$(MAKE) -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

.PHONY: clean
clean: ## what make built in the tree (the tests' cache lies outside it)
	@[ ! -e $(KDIR)/Makefile ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C userspace clean

.PHONY: help
help: ## this text
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
		expand -t 12
