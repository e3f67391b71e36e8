/*
 * Preloaded into keepalived where the kernel has no ip_vs, so that it runs its checks there: the IPVS family is "found", and
 * every IPVS command "succeeds". Nothing of this lies on the way of a check: keepalived sends IPVS commands at start, at stop
 * and when a server changes.
 *
 *     cc -shared -fPIC -O2 -o ipvs-shim.so ipvs-shim.c
 */
#include <stddef.h>
#include <string.h>

struct nl_sock;
struct nl_msg;
typedef int (*callback)(struct nl_msg *, void *);

/* enum nl_cb_type of netlink/handlers.h */
enum { CB_FINISH = 1, CB_ACK = 4 };

static callback finish, ack;
static void *finish_arg, *ack_arg;

int genl_ctrl_resolve(struct nl_sock *socket, const char *name)
{
	(void)socket;
	return strcmp(name, "IPVS") == 0 ? 40 : -12;
}

int nl_send_auto(struct nl_sock *socket, struct nl_msg *message)
{
	(void)socket;
	(void)message;
	return 1;
}

int nl_socket_modify_cb(struct nl_sock *socket, int type, int kind, callback function, void *arg)
{
	(void)socket;
	(void)kind;
	if (type == CB_FINISH) {
		finish = function;
		finish_arg = arg;
	}
	if (type == CB_ACK) {
		ack = function;
		ack_arg = arg;
	}
	return 0;
}

int nl_recvmsgs_default(struct nl_sock *socket)
{
	(void)socket;
	if (ack)
		ack(NULL, ack_arg);
	if (finish)
		finish(NULL, finish_arg);
	return 0;
}
