# A bare Debian 12 as a township gets it: systemd and Python, nothing of ours. Only `make single-test` uses it.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends systemd systemd-sysv dbus python3 \
    && rm -rf /var/lib/apt/lists/* \
    && systemctl mask systemd-udevd.service systemd-udev-trigger.service systemd-modules-load.service getty.target
STOPSIGNAL SIGRTMIN+3
# On a machine systemd makes its mounts shared itself; in a container it leaves them, and credentials would come out empty.
ENTRYPOINT ["/bin/sh", "-c", "mount --make-rshared / && exec /sbin/init"]
