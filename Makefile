# SPDX-License-Identifier: GPL-3.0-or-later
#
# make demo    install what is missing, build, and show the main job
# make test    install the peers to test against, and run all tests: units in debug, the rest in release
# make test-strangers  unpack widespread servers and clients, without installing them, and test TLS and proxies with them
# make deb     pack what `make install` installs into a Debian package
# make release pack all files of a release into .build/dist
# make check   what a change has to pass: format, tests, units in release and under the sanitizers, fuzzing

prefix ?= /usr/local
SWIFT ?= swift
release = --configuration release --static-swift-stdlib
binary = .build/release/sockkit
sources = Package.swift Sources Tests fuzz
# The commit that `sockkit --version` prints after the version.
export SOCKKIT_COMMIT := $(shell git describe --always --dirty --exclude '*' --abbrev=12 2>/dev/null)
# The number of inputs that each fuzzer gets, unless its time in seconds is limited.
seconds ?= 0
runs ?= $(if $(filter-out 0,$(seconds)),-1,10000000)
verbosity = 1
# The units in release under one sanitizer, and with the servers in debug under the other.
asan = --disable-xctest --configuration release --sanitize address --scratch-path .build/asan
tsan = --disable-xctest --sanitize thread -Xswiftc -DTHREAD_SANITIZER --scratch-path .build/tsan
threaded = 'ThreadedServerTests|BlockingTests/.megabytes|LongWorkTests/.a client that leaves|CheckHostsTests/.several hosts'
fuzzing = --configuration release --sanitize fuzzer --scratch-path .build/fuzz
# How long a soak is judged, and how many connections its clients have.
minutes = 60
connections = 15000
# Only `make test-strangers` runs these tests.
stranger-tests = 'StrangerTests\.'
strangers = dante-server dovecot-imapd dovecot-lmtpd dovecot-managesieved dovecot-pop3d dovecot-sieve gnutls-bin haproxy \
  inn2 inspircd libnginx-mod-stream mariadb-server-core microsocks ncat nginx-light openssl postfix postgresql prosody \
  python3-python-socks python3-socks slapd squid sslscan stunnel4 testssl.sh tinyproxy-bin tor vsftpd
fuzzers = $(addprefix fuzz-,calc certificate datagram form forward http list netcat proxy resolver starttls telnet)

.PHONY: demo build test test-strangers check check-format check-asan check-tsan check-fuzz \
  build-checks build-asan build-tsan build-fuzz faults fuzz \
  $(fuzzers) bench soak screenshot completions format startup-order install uninstall deb check-deb release \
  check-release clean

demo: build
	@scripts/demo $(binary)

build:
	@scripts/require-swift $(SWIFT)
	@scripts/require-packages libreadline-dev libgmp-dev libcrypt-dev libssl-dev
	$(SWIFT) build $(release) --product sockkit

test: build
	@scripts/require-packages netcat-openbsd ncat socat curl openssl ca-certificates python3 strace util-linux netbase \
	  dnsmasq-base iproute2 libidn2-0 tmux inetutils-telnet git redis-tools openssh-client libwrap0 mandoc groff bash zsh fish \
	  mmdebstrap uidmap binutils dpkg lintian gcc libc6-dev systemd
	@scripts/unpack-packages .build/peers openssh-server
	scripts/check-linked-libraries $(binary)
	SOCKKIT_DIRECTORY='$(abspath $(dir $(binary)))' scripts/run-tests $(SWIFT) --skip $(stranger-tests)

test-strangers: build
	@scripts/require-packages openssl python3 util-linux uidmap
	@scripts/unpack-strangers .build/strangers $(strangers)
	SOCKKIT_DIRECTORY='$(abspath $(dir $(binary)))' scripts/run-tests $(SWIFT) --filter $(stranger-tests)

check: check-format test test-strangers check-asan check-tsan check-fuzz

check-format:
	$(SWIFT) format lint --strict --recursive $(sources)

check-asan:
	SOCKKIT_UNITS=1 scripts/run-tests $(SWIFT) $(asan) --disable-testable-imports

# The units, and from end to end the servers that have threads.
check-tsan:
	SOCKKIT_UNITS=1 scripts/watch-threads scripts/run-tests $(SWIFT) $(tsan)
	$(SWIFT) build $(tsan) --product sockkit
	SOCKKIT_DIRECTORY='$(abspath .build/tsan/debug)' scripts/watch-threads scripts/run-tests $(SWIFT) \
	  --filter $(threaded)

# Three minutes for all of them together.
check-fuzz: seconds = $(shell expr 180 / $(words $(fuzzers)))
check-fuzz: verbosity = 0
check-fuzz: fuzz

# What these checks build, so that it can be built beside something else.
build-checks: build-asan build-tsan build-fuzz

build-asan:
	SOCKKIT_UNITS=1 $(SWIFT) build $(asan) --build-tests

build-tsan:
	$(SWIFT) build $(tsan) --product sockkit
	SOCKKIT_UNITS=1 $(SWIFT) build $(tsan) --build-tests

build-fuzz:
	SOCKKIT_FUZZ=1 $(SWIFT) build $(fuzzing)

# Every system call fails, with every error; `make test` runs a sample of it.
faults: build
	@scripts/require-packages python3 gcc libc6-dev openssl
	faults/run --sockkit $(binary)

fuzz: $(fuzzers)

$(fuzzers): fuzz-%: build-fuzz
	scripts/fuzz $* -max_total_time=$(seconds) -runs=$(runs) -verbosity=$(verbosity)

bench: build
	@scripts/require-packages netcat-openbsd ncat socat python3 strace util-linux gcc libc6-dev wrk busybox \
	  haproxy openssl libssl-dev stunnel4 libwrap0 libpam0g
	@scripts/unpack-packages .build/peers dante-server microsocks
	bench/run --sockkit $(binary)

# The picture is drawn whatever the verdict is.
soak: build
	@scripts/require-packages python3 gcc libc6-dev openssl libssl-dev
	rm -f .build/soak.json
	bench/soak --sockkit $(binary) --minutes $(minutes) --connections $(connections) --record .build/soak.json; \
	  status=$$?; [ ! -e .build/soak.json ] || scripts/draw-soak < .build/soak.json > .build/soak.svg; exit $$status

# The picture of the README, from a session that is run for it.
screenshot: build
	@scripts/require-packages tmux iproute2 util-linux
	scripts/draw-session $(binary) > .build/session.svg
	mv .build/session.svg docs/session.svg

completions: build
	$(binary) completion bash > completions/sockkit.bash
	$(binary) completion zsh > completions/_sockkit
	$(binary) completion fish > completions/sockkit.fish

# Recorded from a binary with symbols; the one without is linked again.
startup-order: build
	@scripts/require-packages valgrind
	SOCKKIT_SYMBOLS=1 $(SWIFT) build $(release) --product sockkit
	scripts/record-startup $(binary) >.build/startup-order
	mv .build/startup-order packaging/linking/startup-order
	$(SWIFT) build $(release) --product sockkit

format:
	$(SWIFT) format format --in-place --recursive $(sources)

# Builds nothing, so that `sudo make install` leaves no files of root in .build.
install:
	@DESTDIR='$(DESTDIR)' scripts/install-files install '$(prefix)' $(binary)

uninstall:
	@DESTDIR='$(DESTDIR)' scripts/install-files uninstall '$(prefix)'

deb: build
	@scripts/require-packages binutils dpkg
	scripts/build-deb $(binary) .build

check-deb: build
	@scripts/require-packages binutils dpkg mmdebstrap uidmap iproute2 util-linux
	scripts/test-deb "$$(scripts/build-deb $(binary) .build)"

release: build
	@scripts/require-packages binutils dpkg python3 gcc netbase ncurses-base ca-certificates
	scripts/check-linked-libraries $(binary)
	scripts/build-release $(binary) .build/dist

check-release: release
	@scripts/require-packages binutils dpkg mmdebstrap uidmap iproute2 util-linux python3
	scripts/test-release .build/dist

clean:
	$(SWIFT) package clean
