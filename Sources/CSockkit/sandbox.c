// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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
  struct path_attributes attributes = {.rights = rights & known_rights(abi), .parent = descriptor};
  if (attributes.rights == 0) return 0;
  int result = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_OF_PATH, &attributes, 0);
  if (result != 0 && errno == EINVAL) {
    // What is no directory cannot have the rights of one.
    attributes.rights &=
        CSOCKKIT_EXECUTE | CSOCKKIT_WRITE_FILE | CSOCKKIT_READ_FILE | CSOCKKIT_TRUNCATE | CSOCKKIT_CONTROL_DEVICE;
    if (attributes.rights == 0) return 0;
    result = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_OF_PATH, &attributes, 0);
  }
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
    SYS_name_to_handle_at, SYS_inotify_init1,  SYS_vhangup,
#ifdef SYS_open_tree_attr
    SYS_open_tree_attr,
#else
    467,
#endif
    // Other processes, and what they share.
    SYS_setpriority,    SYS_ioprio_set,        SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam,
    SYS_sched_setattr,  SYS_process_madvise,   SYS_shmget,         SYS_shmat,          SYS_shmctl,
    SYS_msgget,         SYS_msgsnd,            SYS_msgrcv,         SYS_msgctl,         SYS_semget,
    SYS_semop,          SYS_semctl,            SYS_semtimedop,     SYS_mq_open,        SYS_mq_unlink,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl,           SYS_ioperm,            SYS_modify_ldt,
#endif
};

static const int execution[] = {SYS_execve, SYS_execveat};
static const int binding[] = {SYS_bind, SYS_listen};

// Landlock does not know the attributes of files that these change by a path.
static const int attributes[] = {
    SYS_fchmodat,     SYS_fchown,    SYS_fchownat,    SYS_utimensat,    SYS_setxattr,  SYS_lsetxattr,
    SYS_fsetxattr,    SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, SYS_chroot,
#ifdef SYS_fchmodat2
    SYS_fchmodat2,
#else
    452,
#endif
#ifdef SYS_chmod
    SYS_chmod,        SYS_chown,     SYS_lchown,      SYS_utime,        SYS_utimes,    SYS_futimesat,
#endif
};

// What a worker calls that serves a connection: it moves bytes, waits, keeps time, manages its memory, and ends. The filters of
// its parent count too, and refuse some arguments of these.
static const int service[] = {
    SYS_read,          SYS_readv,           SYS_write,          SYS_writev,        SYS_recvfrom,
    SYS_recvmsg,       SYS_sendto,          SYS_sendmsg,        SYS_sendfile,      SYS_splice,
    SYS_tee,           SYS_pipe2,           SYS_fcntl,          SYS_close,         SYS_close_range,
    SYS_dup,           SYS_dup3,            SYS_ppoll,          SYS_epoll_create1, SYS_epoll_ctl,
    SYS_epoll_pwait,   SYS_epoll_pwait2,    SYS_eventfd2,       SYS_signalfd4,     SYS_socketpair,
    SYS_shutdown,      SYS_setsockopt,      SYS_getsockopt,     SYS_getsockname,   SYS_getpeername,
    SYS_ioctl,         SYS_lseek,           SYS_fstat,          SYS_brk,           SYS_mmap,
    SYS_munmap,        SYS_mremap,          SYS_mprotect,       SYS_madvise,       SYS_futex,
    SYS_sched_yield,   SYS_clock_gettime,   SYS_clock_nanosleep, SYS_nanosleep,    SYS_gettimeofday,
    SYS_getrandom,     SYS_getpid,          SYS_getppid,        SYS_gettid,        SYS_getuid,
    SYS_geteuid,       SYS_getgid,          SYS_getegid,        SYS_getrusage,     SYS_prlimit64,
    SYS_uname,         SYS_sysinfo,         SYS_membarrier,     SYS_sched_getaffinity, SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_rt_sigtimedwait, SYS_rt_sigreturn,  SYS_sigaltstack,
    SYS_restart_syscall, SYS_exit,          SYS_exit_group,
#ifdef SYS_poll
    SYS_poll,          SYS_epoll_wait,      SYS_dup2,           SYS_pipe,          SYS_time,
#endif
};

// What such a worker calls besides if it serves files.
static const int files[] = {
    SYS_openat,    SYS_openat2,   SYS_newfstatat, SYS_statx,     SYS_fstatfs,    SYS_getdents64,
    SYS_readlinkat, SYS_faccessat, SYS_faccessat2, SYS_pread64,  SYS_pwrite64,   SYS_ftruncate,
    SYS_fallocate, SYS_fadvise64, SYS_fsync,      SYS_fdatasync, SYS_linkat,     SYS_renameat2,
    SYS_unlinkat,  SYS_mkdirat,   SYS_fchmod,
    SYS_flock,     SYS_getcwd,    SYS_umask,      SYS_copy_file_range,
#ifdef SYS_open
    SYS_open,      SYS_stat,      SYS_lstat,      SYS_readlink,  SYS_access,     SYS_rename,
    SYS_link,      SYS_unlink,    SYS_mkdir,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
};

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

// A program of the kernel's filter. A jump skips at most 255 instructions.
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

// Answers with an action if the loaded word is `value`.
static void answer_if(struct program *program, uint32_t value, uint32_t action) {
  append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
  answer(program, action);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

// The lower half of an argument; all architectures here are little-endian.
static size_t argument(size_t index) { return offsetof(struct seccomp_data, args) + index * sizeof(uint64_t); }

// A call is refused if one of these flags, the lower half of the context, is in the argument whose index is the upper half.
static void examine_flags(struct program *program, uint64_t context) {
  load(program, argument(context >> 32));
  append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)context, 0, 1));
  answer(program, REFUSE);
  answer(program, SECCOMP_RET_ALLOW);
}

static uint64_t flags_of(uint64_t index, uint32_t flags) { return index << 32 | flags; }

// A call about a process is refused unless its first argument is this one.
static void examine_process(struct program *program, uint64_t process) {
  load(program, argument(0));
  answer_if(program, (uint32_t)process, SECCOMP_RET_ALLOW);
  answer(program, REFUSE);
}

// Loads the type of a socket, without its flags.
static void load_type(struct program *program) {
  load(program, argument(1));
  append(program, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf));
}

// A pair that could send datagrams to any socket with a path is refused.
static void examine_socketpair(struct program *program, uint64_t context) {
  (void)context;
  load_type(program);
  answer_if(program, SOCK_DGRAM, REFUSE);
  answer(program, SECCOMP_RET_ALLOW);
}

// A call is refused if its second argument is one of these operations.
static void refuse_operations(struct program *program, const uint32_t *operations, size_t count) {
  load(program, argument(1));
  for (size_t index = 0; index < count; index++) answer_if(program, operations[index], REFUSE);
  answer(program, SECCOMP_RET_ALLOW);
}

// What types into a terminal, or has signals sent to a process, is refused.
static void examine_ioctl(struct program *program, uint64_t context) {
  (void)context;
  static const uint32_t operations[] = {TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP};
  refuse_operations(program, operations, COUNT(operations));
}

static void examine_fcntl(struct program *program, uint64_t context) {
  (void)context;
  static const uint32_t operations[] = {F_SETOWN, F_SETOWN_EX, F_SETSIG};
  refuse_operations(program, operations, COUNT(operations));
}

// A connection to an address is refused, but not its end: connect(2) with AF_UNSPEC and nothing else, which resets it. An
// address is longer than its family.
static void examine_connect(struct program *program, uint64_t context) {
  (void)context;
  load(program, argument(2));
  answer_if(program, sizeof(sa_family_t), SECCOMP_RET_ALLOW);
  answer(program, REFUSE);
}

// The sockets that may be created: families, one bit each, and whether Multipath TCP is a protocol for them.
enum { MULTIPATH = 1 };

// A socket of a family that is not among these is refused, and one that sees or makes packets. Of the kernel's tables, only
// those of addresses and routes are allowed. The rules of Landlock know no Multipath TCP.
static void examine_socket(struct program *program, uint64_t context) {
  uint64_t families = context & ~(uint64_t)MULTIPATH;
  load(program, argument(0));
  if (families >> AF_NETLINK & 1) {
    append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 4));
    load(program, argument(2));
    answer_if(program, NETLINK_ROUTE, SECCOMP_RET_ALLOW);
    answer(program, REFUSE);
  }
  families &= ~((uint64_t)1 << AF_NETLINK);
  uint8_t left = (uint8_t)__builtin_popcountll(families);
  for (uint32_t family = 0; family < 64; family++)
    if (families >> family & 1) append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, family, left--, 0));
  answer(program, REFUSE);
  load_type(program);
  answer_if(program, SOCK_RAW, REFUSE);
  answer_if(program, SOCK_PACKET, REFUSE);
  load(program, argument(2));
  if (!(context & MULTIPATH)) answer_if(program, IPPROTO_MPTCP, REFUSE);
  answer(program, SECCOMP_RET_ALLOW);
}

// What is answered to a call, and to those that follow it up to the next rule: an action, or what depends on an argument.
struct rule {
  uint32_t call;
  uint32_t action;
  void (*examine)(struct program *, uint64_t context);
  uint64_t context;
};

struct rules {
  struct rule items[256];
  size_t count;
};

static void append_rule(struct rules *rules, struct rule rule) { rules->items[rules->count++] = rule; }

static void answer_calls(struct rules *rules, const int *calls, size_t count, uint32_t action) {
  for (size_t index = 0; index < count; index++)
    append_rule(rules, (struct rule){.call = (uint32_t)calls[index], .action = action});
}

static void answer_call(struct rules *rules, int call, uint32_t action) { answer_calls(rules, &call, 1, action); }

static void examine_call(struct rules *rules, int call, void (*examine)(struct program *, uint64_t), uint64_t context) {
  append_rule(rules, (struct rule){.call = (uint32_t)call, .examine = examine, .context = context});
}

static int compare(const void *left, const void *right) {
  uint32_t first = ((const struct rule *)left)->call, second = ((const struct rule *)right)->call;
  return (first > second) - (first < second);
}

// Appends a rule unless it says the same as the one before.
static void append_change(struct rules *rules, struct rule rule) {
  const struct rule *last = rules->count > 0 ? &rules->items[rules->count - 1] : NULL;
  if (last != NULL && last->examine == NULL && rule.examine == NULL && last->action == rule.action) return;
  append_rule(rules, rule);
}

// The rules for all calls: those of `some`, which it sorts, with an action for the calls between them.
static struct rules complete(struct rules *some, uint32_t otherwise) {
  struct rules all = {.count = 0};
  uint32_t next = 0;
  qsort(some->items, some->count, sizeof *some->items, compare);
  for (size_t index = 0; index < some->count; index++) {
    struct rule rule = some->items[index];
    if (rule.call > next) append_change(&all, (struct rule){.call = next, .action = otherwise});
    append_change(&all, rule);
    next = rule.call + 1;
  }
  append_change(&all, (struct rule){.call = next, .action = otherwise});
  return all;
}

// The jumps to answers, which are all at the end: the fewer instructions, the sooner the kernel has translated them.
struct jumps {
  struct {
    uint8_t *distance;
    size_t from;
    uint32_t action;
  } items[256];
  size_t count;
};

static void append_search(struct program *program, struct jumps *jumps, const struct rule *rules, size_t count);

// Has one way of the jump at `test` lead to rules: to what is appended for them, or to an answer.
static void lead(
    struct program *program, struct jumps *jumps, size_t test, uint8_t *distance, const struct rule *rules, size_t count) {
  if (count == 1 && rules->examine == NULL) {
    jumps->items[jumps->count].distance = distance;
    jumps->items[jumps->count].from = test;
    jumps->items[jumps->count++].action = rules->action;
    return;
  }
  *distance = (uint8_t)(program->count - test - 1);
  append_search(program, jumps, rules, count);
}

// Appends a binary search for the rule of the loaded number. The kernel runs the program for each call when it is installed,
// which would take long for a list.
static void append_search(struct program *program, struct jumps *jumps, const struct rule *rules, size_t count) {
  if (count == 1) return rules->examine(program, rules->context);
  size_t half = count / 2, test = program->count;
  append(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, rules[half].call, 0, 0));
  lead(program, jumps, test, &program->instructions[test].jf, rules, half);
  lead(program, jumps, test, &program->instructions[test].jt, rules + half, count - half);
}

// Appends the answers to which jumps lead.
static void append_answers(struct program *program, struct jumps *jumps) {
  while (jumps->count > 0) {
    uint32_t action = jumps->items[0].action;
    size_t left = 0;
    for (size_t index = 0; index < jumps->count; index++) {
      if (jumps->items[index].action == action)
        *jumps->items[index].distance = (uint8_t)(program->count - jumps->items[index].from - 1);
      else jumps->items[left++] = jumps->items[index];
    }
    jumps->count = left;
    answer(program, action);
  }
}

// Installs a filter in all threads that answers calls by rules, and other calls with an action.
static int install(struct rules *rules, uint32_t otherwise) {
  struct program program = {.count = 0};
  load(&program, offsetof(struct seccomp_data, arch));
  append(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
  answer(&program, SECCOMP_RET_KILL_PROCESS);
  load(&program, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
  append(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, CALL_OF_X32, 0, 1));
  answer(&program, REFUSE);
#endif
  struct rules all = complete(rules, otherwise);
  struct jumps jumps = {.count = 0};
  append_search(&program, &jumps, all.items, all.count);
  append_answers(&program, &jumps);
  struct sock_fprog code = {.len = program.count, .filter = program.instructions};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &code);
}

int csockkit_filter_calls(const struct csockkit_call_filter *filter) {
  struct rules rules = {.count = 0};
  if (filter->refuses_administration) {
    answer_calls(&rules, administration, COUNT(administration), REFUSE);
    answer_calls(&rules, execution, COUNT(execution), SECCOMP_RET_KILL_PROCESS);
    answer_call(&rules, SYS_clone3, IS_MISSING);
    examine_call(&rules, SYS_clone, examine_flags, flags_of(0, new_namespaces));
    // The limits of other processes, signals to them by way of descriptors, their terminals, and datagrams to their sockets.
    examine_call(&rules, SYS_prlimit64, examine_process, 0);
    examine_call(&rules, SYS_ioctl, examine_ioctl, 0);
    examine_call(&rules, SYS_fcntl, examine_fcntl, 0);
    examine_call(&rules, SYS_socketpair, examine_socketpair, 0);
    // TCP Fast Open by a flag of these is no connection for Landlock; the program uses an option of sockets.
    examine_call(&rules, SYS_sendto, examine_flags, flags_of(3, MSG_FASTOPEN));
    examine_call(&rules, SYS_sendmsg, examine_flags, flags_of(2, MSG_FASTOPEN));
    examine_call(&rules, SYS_sendmmsg, examine_flags, flags_of(3, MSG_FASTOPEN));
  }
  if (filter->refuses_attributes) answer_calls(&rules, attributes, COUNT(attributes), REFUSE);
  if (filter->refuses_binding) answer_calls(&rules, binding, COUNT(binding), REFUSE);
  if (filter->refuses_connecting) examine_call(&rules, SYS_connect, examine_connect, 0);
  examine_call(&rules, SYS_socket, examine_socket, filter->families | (filter->allows_multipath ? MULTIPATH : 0));
  return install(&rules, SECCOMP_RET_ALLOW);
}

int csockkit_filter_worker(bool serves_files) {
#if defined(__has_feature) && __has_feature(thread_sanitizer)
  // Has a thread of its own in each process, which calls what it likes.
  return 0;
#endif
  struct rules rules = {.count = 0};
  answer_calls(&rules, service, COUNT(service), SECCOMP_RET_ALLOW);
  if (serves_files) answer_calls(&rules, files, COUNT(files), SECCOMP_RET_ALLOW);
  // glibc asks for the size of an open file in this way.
  else answer_call(&rules, SYS_newfstatat, SECCOMP_RET_ALLOW);
  examine_call(&rules, SYS_connect, examine_connect, 0);
  examine_call(&rules, SYS_tgkill, examine_process, (uint64_t)getpid());
  return install(&rules, SECCOMP_RET_KILL_PROCESS);
}
