// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Not from <linux/landlock.h>, which lacks what is newer than the system's headers.
struct ruleset_attributes {
  uint64_t files;
  uint64_t ports;
  uint64_t scopes;
};

struct path_attributes {
  uint64_t rights;
  int32_t parent;
} __attribute__((packed));

struct port_attributes {
  uint64_t rights;
  uint64_t port;
};

enum { RULE_OF_PATH = 1, RULE_OF_PORT = 2 };
enum { SCOPE_ABSTRACT_SOCKETS = 1 << 0, SCOPE_SIGNALS = 1 << 1 };
enum { ABI_OF_REFER = 2, ABI_OF_TRUNCATE = 3, ABI_OF_PORTS = 4, ABI_OF_DEVICES = 5, ABI_OF_SCOPES = 6 };

// All rights to files of a version.
static uint64_t known_rights(int abi) {
  uint64_t rights = (1 << 13) - 1;
  if (abi >= ABI_OF_REFER) rights |= CSOCKKIT_REFER;
  if (abi >= ABI_OF_TRUNCATE) rights |= CSOCKKIT_TRUNCATE;
  if (abi >= ABI_OF_DEVICES) rights |= CSOCKKIT_CONTROL_DEVICE;
  return rights;
}

int csockkit_landlock_create(int abi, uint64_t ports, bool is_scoped, bool scopes_sockets) {
  struct ruleset_attributes attributes = {
      .files = known_rights(abi),
      .ports = abi >= ABI_OF_PORTS ? ports : 0,
      .scopes = (is_scoped ? SCOPE_SIGNALS : 0) | (scopes_sockets ? SCOPE_ABSTRACT_SOCKETS : 0),
  };
  size_t size = abi >= ABI_OF_SCOPES  ? sizeof attributes
                : abi >= ABI_OF_PORTS ? offsetof(struct ruleset_attributes, scopes)
                                      : offsetof(struct ruleset_attributes, ports);
  return (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
}

int csockkit_landlock_allow_file(int ruleset, int abi, int descriptor, uint64_t rights) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return -1;
  uint64_t possible = known_rights(abi);
  if (!S_ISDIR(status.st_mode))
    possible &= CSOCKKIT_EXECUTE | CSOCKKIT_WRITE_FILE | CSOCKKIT_READ_FILE | CSOCKKIT_TRUNCATE | CSOCKKIT_CONTROL_DEVICE;
  struct path_attributes attributes = {.rights = rights & possible, .parent = descriptor};
  if (attributes.rights == 0) return 0;
  int result = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_OF_PATH, &attributes, 0);
  // Pipes and the like, which are in no directory, are not restricted.
  return result != 0 && errno == EBADFD ? 0 : result;
}

int csockkit_landlock_allow_path(int ruleset, int abi, const char *path, uint64_t rights) {
  int descriptor = open(path, O_PATH | O_CLOEXEC);
  // What is not there, or cannot be opened now, needs no right. A lack of resources says nothing about that.
  if (descriptor < 0) return errno == ENOMEM || errno == EMFILE || errno == ENFILE ? -1 : 0;
  int result = csockkit_landlock_allow_file(ruleset, abi, descriptor, rights);
  int error = errno;
  close(descriptor);
  errno = error;
  return result;
}

struct libraries {
  int ruleset;
  int abi;
  uint64_t rights;
  char last[PATH_MAX];
};

static int allow_library(struct dl_phdr_info *library, size_t size, void *context) {
  (void)size;
  struct libraries *libraries = context;
  const char *slash = strrchr(library->dlpi_name, '/');
  // The program itself has no name.
  if (slash == NULL) return 0;
  size_t length = (size_t)(slash - library->dlpi_name);
  // Most are in the same directory.
  if (length + 1 >= sizeof libraries->last || strncmp(libraries->last, library->dlpi_name, length + 1) == 0) return 0;
  memcpy(libraries->last, library->dlpi_name, length);
  libraries->last[length] = '\0';
  int result = csockkit_landlock_allow_path(libraries->ruleset, libraries->abi, libraries->last, libraries->rights);
  libraries->last[length] = '/';
  libraries->last[length + 1] = '\0';
  return result;
}

int csockkit_landlock_allow_libraries(int ruleset, int abi, uint64_t rights) {
  struct libraries libraries = {.ruleset = ruleset, .abi = abi, .rights = rights};
  return dl_iterate_phdr(allow_library, &libraries);
}

int csockkit_landlock_allow_port(int ruleset, uint16_t port, uint64_t rights) {
  struct port_attributes attributes = {.rights = rights, .port = port};
  return (int)syscall(SYS_landlock_add_rule, ruleset, RULE_OF_PORT, &attributes, 0);
}

int csockkit_landlock_restrict(int ruleset) { return (int)syscall(SYS_landlock_restrict_self, ruleset, 0); }

// The calls that only administrators and debuggers need, and those that reach more of the kernel than sockets do.
static const int administration[] = {
    SYS_ptrace,         SYS_process_vm_readv,  SYS_process_vm_writev, SYS_kcmp,           SYS_pidfd_getfd,
    SYS_mount,          SYS_umount2,           SYS_pivot_root,        SYS_open_tree,      SYS_move_mount,
    SYS_fsopen,         SYS_fsconfig,          SYS_fsmount,           SYS_fspick,         SYS_mount_setattr,
    SYS_unshare,        SYS_setns,             SYS_bpf,               SYS_perf_event_open, SYS_userfaultfd,
    SYS_io_uring_setup, SYS_io_uring_enter,    SYS_io_uring_register, SYS_keyctl,         SYS_add_key,
    SYS_request_key,    SYS_kexec_load,        SYS_init_module,       SYS_finit_module,   SYS_delete_module,
    SYS_reboot,         SYS_swapon,            SYS_swapoff,           SYS_acct,           SYS_quotactl,
    SYS_settimeofday,   SYS_clock_settime,     SYS_adjtimex,          SYS_clock_adjtime,  SYS_syslog,
    SYS_sethostname,    SYS_setdomainname,     SYS_open_by_handle_at, SYS_personality,    SYS_fanotify_init,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl,           SYS_ioperm,            SYS_modify_ldt,
#endif
};

static const int execution[] = {SYS_execve, SYS_execveat};
static const int binding[] = {SYS_bind, SYS_listen};

enum { ARCHITECTURE =
#if defined(__x86_64__)
           AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
           AUDIT_ARCH_AARCH64
#elif defined(__riscv)
           AUDIT_ARCH_RISCV64
#else
#error "the architecture of the system calls is not known"
#endif
};

// The bit of the calls of x32, which have other numbers.
enum { CALL_OF_X32 = 0x40000000 };

enum { REFUSE = SECCOMP_RET_ERRNO | EPERM, IS_MISSING = SECCOMP_RET_ERRNO | ENOSYS };

static const uint32_t new_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                       CLONE_NEWPID | CLONE_NEWNET;

struct program {
  struct sock_filter instructions[256];
  unsigned short count;
};

static void append(struct program *program, struct sock_filter instruction) {
  program->instructions[program->count++] = instruction;
}

static void load(struct program *program, size_t offset) {
  append(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void answer(struct program *program, uint32_t action) {
  append(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

// Skips `count` instructions unless the loaded word is `value`.
static void unless_equal(struct program *program, uint32_t value, uint8_t count) {
  append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count));
}

static void answer_calls(struct program *program, const int *calls, size_t count, uint32_t action) {
  for (size_t index = 0; index < count; index++) {
    unless_equal(program, (uint32_t)calls[index], 1);
    answer(program, action);
  }
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

// The lower half of the first argument; all architectures here are little-endian.
static const size_t first_argument = offsetof(struct seccomp_data, args[0]);

// A call with these flags in its first argument is refused.
static void refuse_flags(struct program *program, int call, uint32_t flags) {
  unless_equal(program, (uint32_t)call, 4);
  load(program, first_argument);
  append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1));
  answer(program, REFUSE);
  load(program, offsetof(struct seccomp_data, nr));
}

// A connection to an address is refused, but not its end: connect(2) with AF_UNSPEC and nothing else, which resets it. An
// address is longer than its family.
static void refuse_addresses(struct program *program) {
  unless_equal(program, SYS_connect, 4);
  load(program, offsetof(struct seccomp_data, args[2]));
  unless_equal(program, sizeof(sa_family_t), 1);
  answer(program, SECCOMP_RET_ALLOW);
  answer(program, REFUSE);
}

// A socket of a family that is not among these is refused.
static void refuse_other_families(struct program *program, uint64_t families) {
  uint8_t count = 0;
  for (int family = 0; family < 64; family++) count += families >> family & 1;
  unless_equal(program, SYS_socket, (uint8_t)(2 + 2 * count));
  load(program, first_argument);
  for (int family = 0; family < 64; family++)
    if (families >> family & 1) {
      unless_equal(program, (uint32_t)family, 1);
      answer(program, SECCOMP_RET_ALLOW);
    }
  answer(program, REFUSE);
}

int csockkit_filter_calls(const struct csockkit_call_filter *filter) {
  struct program program = {.count = 0};
  load(&program, offsetof(struct seccomp_data, arch));
  append(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
  answer(&program, SECCOMP_RET_KILL_PROCESS);
  load(&program, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
  append(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, CALL_OF_X32, 0, 1));
  answer(&program, REFUSE);
#endif
  answer_calls(&program, administration, COUNT(administration), REFUSE);
  if (filter->kills_at_execution) answer_calls(&program, execution, COUNT(execution), SECCOMP_RET_KILL_PROCESS);
  if (filter->refuses_binding) answer_calls(&program, binding, COUNT(binding), REFUSE);
  if (filter->refuses_connecting) refuse_addresses(&program);
  answer_calls(&program, (const int[]){SYS_clone3}, 1, IS_MISSING);
  refuse_flags(&program, SYS_clone, new_namespaces);
  refuse_other_families(&program, filter->families);
  answer(&program, SECCOMP_RET_ALLOW);
  struct sock_fprog code = {.len = program.count, .filter = program.instructions};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &code);
}
