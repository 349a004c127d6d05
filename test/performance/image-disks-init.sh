#!/bin/busybox sh
# The first process of a machine that image-disks.ts measures: mounts the image as `way=` says and runs Python of it.
busybox=/bin/busybox
$busybox mount -t devtmpfs none /dev
exec >/dev/console 2>&1
$busybox mount -t proc none /proc
read -r arguments </proc/cmdline
way=${arguments##*way=}
echo BEGIN
case $way in
  nothing) ;;
  layers)
    for i in a b c d; do $busybox mount -t squashfs -o ro "/dev/vd$i" "/$i"; done
    $busybox mount -t overlay -o ro,lowerdir=/d:/c:/b:/a none /root
    ;;
  erofs-dax) $busybox mount -t erofs -o ro,dax=always /dev/pmem0 /root ;;
  *) $busybox mount -t "${way%-lz4}" -o ro /dev/vda /root ;;
esac
echo MOUNTED
for word in FIRST SECOND; do
  case $way in
    nothing) echo $word ;;
    *) $busybox chroot /root /usr/bin/python3 -c "import json; print('$word')" ;;
  esac
done
exec $busybox sleep 1000000
