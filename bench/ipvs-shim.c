/*
 * Preloaded into a daemon where the kernel has no ip_vs: generic netlink is answered by this library, which holds a table of services and
 * destinations as the IPVS family would and otherwise knows nothing. What a daemon does is then the same as with a kernel, but
 * for the kernel's own microseconds. IPVS_SHIM_LOG names a file that gets a line for each command that changes the table: when
 * it came, in milliseconds of the monotonic clock.
 *
 *     cc -shared -fPIC -O2 -o ipvs-shim.so ipvs-shim.c
 *
 * A generic netlink socket is one end of a pair of unix sockets here; the other end is where the answers are put in.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Descriptors of the sockets it answers, number of the family, bytes of a request, bytes of a dump that go into one datagram. */
enum { MAX_FD = 65536, FAMILY = 40, BUFFER = 1 << 22, PART = 3776 };

/* ---- the table: attributes as they came, one entry after another ---- */

struct destination {
	struct destination *next;
	size_t length;
	char attributes[];
};

struct service {
	struct service *next;
	struct destination *destinations;
	size_t length;
	char attributes[256];
};

static struct service *services;

/* The payload of an attribute, or NULL. */
static const struct nlattr *find(const char *from, size_t length, int type)
{
	for (size_t at = 0; at + NLA_HDRLEN <= length;) {
		const struct nlattr *attribute = (const void *)(from + at);
		if (attribute->nla_len < NLA_HDRLEN)
			return NULL;
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
		at += NLA_ALIGN(attribute->nla_len);
	}
	return NULL;
}

static bool same(const char *a, size_t a_length, const char *b, size_t b_length, int type)
{
	const struct nlattr *left = find(a, a_length, type), *right = find(b, b_length, type);
	if (!left || !right)
		return left == right;
	return left->nla_len == right->nla_len && !memcmp(left + 1, right + 1, left->nla_len - NLA_HDRLEN);
}

static struct service **service_like(const char *attributes, size_t length)
{
	static const int identity[] = { IPVS_SVC_ATTR_AF, IPVS_SVC_ATTR_PROTOCOL, IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_PORT,
					IPVS_SVC_ATTR_FWMARK };
	struct service **place = &services;
	for (; *place; place = &(*place)->next) {
		size_t alike = 0;
		while (alike < 5 && same((*place)->attributes, (*place)->length, attributes, length, identity[alike]))
			alike++;
		if (alike == 5)
			break;
	}
	return place;
}

static struct destination **destination_like(struct service *service, const char *attributes, size_t length)
{
	struct destination **place = &service->destinations;
	while (*place && !(same((*place)->attributes, (*place)->length, attributes, length, IPVS_DEST_ATTR_ADDR) &&
			   same((*place)->attributes, (*place)->length, attributes, length, IPVS_DEST_ATTR_PORT)))
		place = &(*place)->next;
	return place;
}

static void remove_destination(struct destination **place)
{
	struct destination *gone = *place;
	*place = gone->next;
	free(gone);
}

static void remove_service(struct service **place)
{
	struct service *gone = *place;
	while (gone->destinations)
		remove_destination(&gone->destinations);
	*place = gone->next;
	free(gone);
}

static int change_service(int command, const char *attributes, size_t length)
{
	struct service **place = service_like(attributes, length);
	if (command == IPVS_CMD_NEW_SERVICE) {
		if (*place)
			return EEXIST;
		*place = calloc(1, sizeof(**place));
	}
	if (!*place)
		return ESRCH;
	if (command == IPVS_CMD_DEL_SERVICE) {
		remove_service(place);
		return 0;
	}
	if (length > sizeof((*place)->attributes))
		return EINVAL;
	(*place)->length = length;
	memcpy((*place)->attributes, attributes, length);
	return 0;
}

static int change_destination(int command, struct service *service, const char *attributes, size_t length)
{
	struct destination **place = destination_like(service, attributes, length);
	if (command == IPVS_CMD_NEW_DEST ? *place != NULL : *place == NULL)
		return *place ? EEXIST : ENOENT;
	if (command != IPVS_CMD_NEW_DEST)
		remove_destination(place);
	if (command == IPVS_CMD_DEL_DEST)
		return 0;
	struct destination *added = malloc(sizeof(*added) + length);
	added->length = length;
	memcpy(added->attributes, attributes, length);
	added->next = service->destinations;
	service->destinations = added;
	return 0;
}

static int change(int command, const char *attributes, size_t length)
{
	const struct nlattr *service = find(attributes, length, IPVS_CMD_ATTR_SERVICE);
	const struct nlattr *destination = find(attributes, length, IPVS_CMD_ATTR_DEST);
	if (command == IPVS_CMD_FLUSH) {
		while (services)
			remove_service(&services);
		return 0;
	}
	if (!service)
		return EINVAL;
	if (command <= IPVS_CMD_DEL_SERVICE)
		return change_service(command, (const char *)(service + 1), service->nla_len - NLA_HDRLEN);
	struct service *found = *service_like((const char *)(service + 1), service->nla_len - NLA_HDRLEN);
	if (!found || !destination)
		return found ? EINVAL : ESRCH;
	return change_destination(command, found, (const char *)(destination + 1), destination->nla_len - NLA_HDRLEN);
}

/* ---- answers ---- */

struct sock {
	int other;
	unsigned int port;
};

static struct sock socks[MAX_FD];

static struct sock *fake(int fd)
{
	return fd >= 0 && fd < MAX_FD && socks[fd].other > 0 ? &socks[fd] : NULL;
}

/* What goes out in one datagram. */
static char part[2 * PART];
static size_t filled;

static void flush(const struct sock *sock)
{
	if (filled > 0)
		send(sock->other, part, filled, MSG_DONTWAIT);
	filled = 0;
}

static struct nlmsghdr *begin(const struct sock *sock, const struct nlmsghdr *asked, int type, int flags)
{
	if (filled > PART)
		flush(sock);
	struct nlmsghdr *reply = (void *)(part + filled);
	*reply = (struct nlmsghdr){ NLMSG_HDRLEN, type, flags, asked->nlmsg_seq, sock->port };
	return reply;
}

static void put(struct nlmsghdr *reply, const void *data, size_t length)
{
	memcpy((char *)reply + reply->nlmsg_len, data, length);
	memset((char *)reply + reply->nlmsg_len + length, 0, NLMSG_ALIGN(length) - length);
	reply->nlmsg_len += NLMSG_ALIGN(length);
}

static void put_attribute(struct nlmsghdr *reply, int type, const void *data, size_t length)
{
	struct nlattr header = { NLA_HDRLEN + length, type };
	put(reply, &header, sizeof(header));
	put(reply, data, length);
}

static void finish(const struct sock *sock, struct nlmsghdr *reply)
{
	filled += reply->nlmsg_len;
	if (!(reply->nlmsg_flags & NLM_F_MULTI))
		flush(sock);
}

static struct nlmsghdr *begin_data(const struct sock *sock, const struct nlmsghdr *asked, int command, int flags)
{
	struct genlmsghdr header = { command, 1, 0 };
	struct nlmsghdr *reply = begin(sock, asked, asked->nlmsg_type, flags);
	put(reply, &header, sizeof(header));
	return reply;
}

static void answer_error(const struct sock *sock, const struct nlmsghdr *asked, int error)
{
	struct nlmsgerr end = { -error, *asked };
	struct nlmsghdr *reply = begin(sock, asked, NLMSG_ERROR, 0);
	put(reply, &end, sizeof(end));
	finish(sock, reply);
}

static void answer_family(const struct sock *sock, const struct nlmsghdr *asked)
{
	unsigned short number = FAMILY;
	struct nlmsghdr *reply = begin_data(sock, asked, CTRL_CMD_NEWFAMILY, 0);
	put_attribute(reply, CTRL_ATTR_FAMILY_NAME, "IPVS", 5);
	put_attribute(reply, CTRL_ATTR_FAMILY_ID, &number, sizeof(number));
	finish(sock, reply);
}

static void answer_info(const struct sock *sock, const struct nlmsghdr *asked)
{
	unsigned int version = 0x010201, size = 4096;
	struct nlmsghdr *reply = begin_data(sock, asked, IPVS_CMD_SET_INFO, 0);
	put_attribute(reply, IPVS_INFO_ATTR_VERSION, &version, sizeof(version));
	put_attribute(reply, IPVS_INFO_ATTR_CONN_TAB_SIZE, &size, sizeof(size));
	finish(sock, reply);
}

static void answer_service(const struct sock *sock, const struct nlmsghdr *asked, const struct service *service, int flags)
{
	struct nlmsghdr *reply = begin_data(sock, asked, IPVS_CMD_NEW_SERVICE, flags);
	put_attribute(reply, IPVS_CMD_ATTR_SERVICE | NLA_F_NESTED, service->attributes, service->length);
	finish(sock, reply);
}

/* What a destination is, and that nobody is connected to it. */
static void answer_destination(const struct sock *sock, const struct nlmsghdr *asked, const struct destination *destination)
{
	struct nlmsghdr *reply = begin_data(sock, asked, IPVS_CMD_NEW_DEST, NLM_F_MULTI);
	struct nlattr nest = { NLA_HDRLEN + destination->length, IPVS_CMD_ATTR_DEST | NLA_F_NESTED };
	const unsigned int none = 0;
	nest.nla_len += 3 * (NLA_HDRLEN + sizeof(none));
	put(reply, &nest, sizeof(nest));
	put(reply, destination->attributes, destination->length);
	put_attribute(reply, IPVS_DEST_ATTR_ACTIVE_CONNS, &none, sizeof(none));
	put_attribute(reply, IPVS_DEST_ATTR_INACT_CONNS, &none, sizeof(none));
	put_attribute(reply, IPVS_DEST_ATTR_PERSIST_CONNS, &none, sizeof(none));
	finish(sock, reply);
}

static void answer_dump(const struct sock *sock, const struct nlmsghdr *asked, const char *attributes, size_t length)
{
	const struct genlmsghdr *header = NLMSG_DATA(asked);
	const struct nlattr *key = find(attributes, length, IPVS_CMD_ATTR_SERVICE);
	if (header->cmd == IPVS_CMD_GET_SERVICE)
		for (const struct service *each = services; each; each = each->next)
			answer_service(sock, asked, each, NLM_F_MULTI);
	if (header->cmd == IPVS_CMD_GET_DEST && key) {
		const struct service *service = *service_like((const char *)(key + 1), key->nla_len - NLA_HDRLEN);
		for (const struct destination *each = service ? service->destinations : NULL; each; each = each->next)
			answer_destination(sock, asked, each);
	}
	const int end = 0;
	struct nlmsghdr *done = begin(sock, asked, NLMSG_DONE, NLM_F_MULTI);
	put(done, &end, sizeof(end));
	finish(sock, done);
	flush(sock);
}

static void note(void)
{
	static int log = -1;
	const char *file = getenv("IPVS_SHIM_LOG");
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (log < 0 && file)
		log = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log >= 0)
		dprintf(log, "%.6f\n", now.tv_sec * 1e3 + now.tv_nsec / 1e6);
}

/* Answers a request of the family; the errno it is refused with, or 0. */
static int answer_ipvs(const struct sock *sock, const struct nlmsghdr *asked, const char *attributes, size_t length)
{
	const struct genlmsghdr *header = NLMSG_DATA(asked);
	const struct nlattr *key = find(attributes, length, IPVS_CMD_ATTR_SERVICE);
	const struct service *service = key ? *service_like((const char *)(key + 1), key->nla_len - NLA_HDRLEN) : NULL;
	switch (header->cmd) {
	case IPVS_CMD_NEW_SERVICE:
	case IPVS_CMD_SET_SERVICE:
	case IPVS_CMD_DEL_SERVICE:
	case IPVS_CMD_NEW_DEST:
	case IPVS_CMD_SET_DEST:
	case IPVS_CMD_DEL_DEST:
	case IPVS_CMD_FLUSH:
		note();
		return change(header->cmd, attributes, length);
	case IPVS_CMD_GET_SERVICE:
		if (!service)
			return ESRCH;
		answer_service(sock, asked, service, 0);
		return 0;
	case IPVS_CMD_GET_INFO:
		answer_info(sock, asked);
		return 0;
	case IPVS_CMD_SET_CONFIG:
	case IPVS_CMD_ZERO:
		return 0;
	default:
		return EOPNOTSUPP;
	}
}

static void answer(const struct sock *sock, const struct nlmsghdr *asked)
{
	const char *attributes = (const char *)NLMSG_DATA(asked) + GENL_HDRLEN;
	const size_t length = asked->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	int error = 0;
	if (asked->nlmsg_type == GENL_ID_CTRL) {
		answer_family(sock, asked);
	} else if ((asked->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) {
		answer_dump(sock, asked, attributes, length);
		return;
	} else {
		error = answer_ipvs(sock, asked, attributes, length);
	}
	if (error || asked->nlmsg_flags & NLM_F_ACK)
		answer_error(sock, asked, error);
}

/* ---- what the C library has of these names is called for every other socket ---- */

#define NEXT(name)                                                             \
	({                                                                     \
		static __typeof__(&name) next;                                 \
		if (!next)                                                     \
			next = (__typeof__(&name))dlsym(RTLD_NEXT, #name);     \
		next;                                                          \
	})

int socket(int domain, int type, int protocol)
{
	int pair[2];
	if (domain != AF_NETLINK || protocol != NETLINK_GENERIC)
		return NEXT(socket)(domain, type, protocol);
	const int flags = type & (SOCK_CLOEXEC | SOCK_NONBLOCK);
	const int buffer = 1 << 24;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, pair) < 0)
		return -1;
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
	if (pair[0] >= MAX_FD) {
		errno = EMFILE;
		return -1;
	}
	socks[pair[0]] = (struct sock){ pair[1], getpid() };
	return pair[0];
}

int close(int fd)
{
	struct sock *sock = fake(fd);
	if (sock) {
		NEXT(close)(sock->other);
		sock->other = 0;
	}
	return NEXT(close)(fd);
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct sock *sock = fake(fd);
	if (!sock)
		return NEXT(bind)(fd, address, length);
	const unsigned int port = ((const struct sockaddr_nl *)(const void *)address)->nl_pid;
	if (port)
		sock->port = port;
	return 0;
}

int getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
	struct sock *sock = fake(fd);
	if (!sock)
		return NEXT(getsockname)(fd, address, length);
	const struct sockaddr_nl name = { .nl_family = AF_NETLINK, .nl_pid = sock->port };
	memcpy(address, &name, *length < sizeof(name) ? *length : sizeof(name));
	*length = sizeof(name);
	return 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
	return fake(fd) && level == SOL_NETLINK ? 0 : NEXT(setsockopt)(fd, level, option, value, length);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	static char request[BUFFER];
	struct sock *sock = fake(fd);
	if (!sock)
		return NEXT(sendmsg)(fd, message, flags);
	size_t length = 0;
	for (size_t i = 0; i < message->msg_iovlen && length + message->msg_iov[i].iov_len <= BUFFER; i++) {
		memcpy(request + length, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
		length += message->msg_iov[i].iov_len;
	}
	for (size_t at = 0; at + NLMSG_HDRLEN + GENL_HDRLEN <= length;) {
		const struct nlmsghdr *asked = (void *)(request + at);
		if (asked->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN || asked->nlmsg_len > length - at)
			break;
		answer(sock, asked);
		at += NLMSG_ALIGN(asked->nlmsg_len);
	}
	return length;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct sockaddr_nl *name = message->msg_name;
	if (!fake(fd) || !name)
		return NEXT(recvmsg)(fd, message, flags);
	message->msg_name = NULL;
	const ssize_t length = NEXT(recvmsg)(fd, message, flags);
	*name = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	message->msg_name = name;
	message->msg_namelen = sizeof(*name);
	return length;
}
