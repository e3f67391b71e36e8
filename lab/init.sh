#!/bin/busybox sh
# First program of the lab's virtual machine. Mounts the machine's / read-only with a memory overlay over it and goes there.
# The kernel command line says: lab_root=CHECKOUT lab_node=PROGRAM lab_run=FOLDER lab_modules=FOLDER (percent-encoded)
B=/bin/busybox
$B mount -t proc proc /proc
$B mount -t sysfs sysfs /sys
$B mount -t devtmpfs devtmpfs /dev
if $B grep -qw lab_probe /proc/cmdline; then
  echo "lab: alive"
  $B reboot -f
fi
for module in /modules/*.ko; do $B insmod "$module"; done

# cache=loose is safe here: what the guest reads was written before it started.
$B mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose host /host || echo "lab: cannot mount the host's files"
$B mount -t tmpfs -o size=75% tmpfs /rw
$B mkdir /rw/upper /rw/work
$B mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work overlay /new || echo "lab: cannot mount the overlay"

for word in $($B cat /proc/cmdline); do
  case "$word" in
    lab_root=*) lab_root=$($B httpd -d "${word#*=}") ;;
  esac
done
$B mount --move /dev /new/dev
$B mount --move /sys /new/sys
$B mount --move /proc /new/proc
exec $B switch_root /new /bin/sh "$lab_root/lab/guest.sh"
