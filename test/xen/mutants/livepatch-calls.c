/*
 * Makes live-patch hypercalls from a list, in dom0, and tells the answer of each on the console at once:
 *
 *   livepatch-calls LIST FIRST COUNT       trials FIRST to FIRST + COUNT - 1 of the list
 *
 * The list has a line for each call, `upload NAME FILE`, `apply NAME`, `revert NAME`, `replace NAME`, `unload NAME`,
 * and before those of each trial a line `trial NUMBER`. What is told: `@@trial NUMBER`, and `@@answer RC` after each
 * call, where RC is what the call returned or, when it only began something, the rc that the payload has when that
 * is over. One process for all, because starting one takes an emulated dom0 longer than a hundred hypercalls.
 *
 * Structures and numbers: xen/include/public/sysctl.h of 4.17. The hypercall goes through /dev/xen/privcmd of Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define HYPERVISOR_SYSCTL 35
#define SYSCTL_LIVEPATCH 27
#define SYSCTL_VERSION 0x15

enum operation { UPLOAD = 0, GET = 1, ACTION = 3 };
enum action { UNLOAD = 1, REVERT = 2, APPLY = 3, REPLACE = 4 };

struct name {
    uint64_t text;
    uint16_t size;
    uint16_t pad[3];
};

struct sysctl {
    uint32_t cmd;
    uint32_t interface_version;
    uint32_t operation;
    uint32_t pad;
    struct name name;
    union {
        struct { uint64_t size, payload; } upload;
        struct { uint32_t state; int32_t rc; } get;
        struct { uint32_t cmd, timeout, flags, pad; } action;
        uint8_t room[112];
    } u;
};

struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

/* Xen brings its CPUs together within this time, or gives up; an emulated one may be slow. */
#define TIMEOUT_NS 2000000000u
#define TWO_MIB (2u << 20)

static int privcmd, console;
/* The hypervisor reads these while nobody brings pages back: they are locked into memory. */
static struct sysctl *request;
static char *name_text;
static uint8_t *payload;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void *locked(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
    if (at == MAP_FAILED) fail("mmap");
    return at;
}

static void tell(const char *word, long number)
{
    char line[64];
    int length = snprintf(line, sizeof line, "\n@@%s %ld\n", word, number);
    if (write(console, line, length) != length) fail("write");
    tcdrain(console);
}

static long call(enum operation operation, const char *name)
{
    struct privcmd_hypercall hypercall = { HYPERVISOR_SYSCTL, { (uintptr_t)request } };

    strcpy(name_text, name);
    request->cmd = SYSCTL_LIVEPATCH;
    request->interface_version = SYSCTL_VERSION;
    request->operation = operation;
    request->pad = 0;
    request->name = (struct name){ .text = (uintptr_t)name_text, .size = strlen(name) + 1 };
    long rc = ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &hypercall);
    return rc < 0 ? -errno : rc;
}

static long upload(const char *name, const char *file)
{
    int fd = open(file, O_RDONLY);
    struct stat status;
    ssize_t done = 0;

    if (fd < 0 || fstat(fd, &status)) fail(file);
    if (status.st_size > 2 * TWO_MIB) exit(1);
    while (done < status.st_size) {
        ssize_t got = read(fd, payload + done, status.st_size - done);
        if (got <= 0) fail(file);
        done += got;
    }
    close(fd);
    memset(&request->u, 0, sizeof request->u);
    request->u.upload.size = status.st_size;
    request->u.upload.payload = (uintptr_t)payload;
    return call(UPLOAD, name);
}

static void pause_ms(long ms)
{
    struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&time, NULL);
}

static long act(enum action action, const char *name)
{
    memset(&request->u, 0, sizeof request->u);
    request->u.action.cmd = action;
    request->u.action.timeout = TIMEOUT_NS;
    long rc = call(ACTION, name);
    if (rc != 0 || action == UNLOAD) return rc;
    for (int attempt = 0; attempt < 1000; attempt++) {
        pause_ms(5);
        memset(&request->u, 0, sizeof request->u);
        rc = call(GET, name);
        if (rc != 0) return rc;
        if (request->u.get.rc == -EAGAIN) continue;
        /* What it says of its end is printed after its rc is set. */
        pause_ms(20);
        return request->u.get.rc;
    }
    return -EAGAIN;
}

static long perform(char *line)
{
    char *verb = strtok(line, " \n"), *name = strtok(NULL, " \n"), *file = strtok(NULL, " \n");

    if (!verb || !name || strlen(name) > 127) exit(1);
    if (!strcmp(verb, "upload") && file) return upload(name, file);
    if (!strcmp(verb, "unload")) return act(UNLOAD, name);
    if (!strcmp(verb, "revert")) return act(REVERT, name);
    if (!strcmp(verb, "apply")) return act(APPLY, name);
    if (!strcmp(verb, "replace")) return act(REPLACE, name);
    fprintf(stderr, "no such call: %s\n", verb);
    exit(1);
}

int main(int argc, char **argv)
{
    char line[256];
    long trial = -1, first, end;

    if (argc != 4) return 1;
    first = atol(argv[2]);
    end = first + atol(argv[3]);
    FILE *list = fopen(argv[1], "r");
    if (!list) fail(argv[1]);
    privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (privcmd < 0) privcmd = open("/proc/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (privcmd < 0) fail("privcmd");
    console = open("/dev/hvc0", O_WRONLY | O_NOCTTY);
    if (console < 0) fail("/dev/hvc0");
    request = locked(4096);
    name_text = locked(4096);
    payload = locked(2 * TWO_MIB);
    while (fgets(line, sizeof line, list)) {
        if (sscanf(line, "trial %ld", &trial) == 1) {
            if (trial >= first && trial < end) tell("trial", trial);
        } else if (trial >= first && trial < end) {
            tell("answer", perform(line));
        }
    }
    return 0;
}
