# SPDX-License-Identifier: GPL-3.0-or-later
#
# make demo    install what is missing, build, and show the main job
# make test    install the peers that are tested against, and run all tests
# make check   what a change has to pass: format, tests in debug and release, linked libraries

prefix ?= /usr/local
SWIFT ?= swift
release = --configuration release --static-swift-stdlib
binary = .build/release/sockkit
sources = Package.swift Sources Tests

.PHONY: demo build test check check-format check-release check-asan bench format install clean

demo: build
	@scripts/demo $(binary)

build:
	@scripts/require-swift $(SWIFT)
	@scripts/require-packages libreadline-dev
	$(SWIFT) build $(release) --product sockkit

test: build
	@scripts/require-packages netcat-openbsd ncat socat curl python3 strace util-linux netbase \
	  dnsmasq-base iproute2 libidn2-0
	scripts/check-linked-libraries $(binary)
	scripts/run-tests $(SWIFT)

check: check-format test check-release

check-format:
	$(SWIFT) format lint --strict --recursive $(sources)

check-release:
	scripts/run-tests $(SWIFT) --configuration release --scratch-path .build/check

check-asan:
	scripts/run-tests $(SWIFT) --disable-xctest --sanitize address --scratch-path .build/asan \
	  --filter 'SocketsTests|SockkitCoreTests'

bench: build
	@scripts/require-packages netcat-openbsd ncat socat python3 strace
	bench/run --sockkit $(binary)

format:
	$(SWIFT) format format --in-place --recursive $(sources)

install: build
	install -D --mode 755 $(binary) $(DESTDIR)$(prefix)/bin/sockkit

clean:
	$(SWIFT) package clean
