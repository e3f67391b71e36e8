#!/bin/sh
# Second program of the lab's virtual machine, on the machine's own files: modules, network, and the agent that takes commands.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
unescape() { busybox httpd -d "$1"; }
for word in $(cat /proc/cmdline); do
  case "$word" in
    lab_root=*) root=$(unescape "${word#*=}") ;;
    lab_node=*) node=$(unescape "${word#*=}") ;;
    lab_run=*) run=$(unescape "${word#*=}") ;;
    lab_modules=*) modules=$(unescape "${word#*=}") ;;
  esac
done

mkdir -p /dev/pts /dev/shm
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null

version=$(uname -r)
mkdir -p "/lib/modules/$version"
mount --bind "$modules" "/lib/modules/$version"

# Each host would otherwise get eight tunnel devices it did not ask for.
echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0

"$root/lab/modules.sh" &
cd "$root" || exit
"$node" "$root/dist/lab/agent.js" --run "$run" --listen 0.0.0.0:7000
echo "lab: the agent ended with $?"
busybox reboot -f
