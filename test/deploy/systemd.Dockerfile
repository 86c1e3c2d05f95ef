# A machine whose first process is systemd, with a release in /opt/portico, as deploy/README.md has it.
ARG DEBIAN
ARG PORTICO
FROM ${PORTICO} AS release
FROM ${DEBIAN}
RUN apt-get update && apt-get install -y --no-install-recommends systemd systemd-sysv dbus \
  # Nothing of the machine below is this one's to set up.
  && find /etc/systemd/system /lib/systemd/system -path '*.wants/*' -name '*getty*' -delete
COPY --from=release /usr/local/bin/node /usr/bin/node
COPY --from=release /app /opt/portico
COPY systemd/*.service /etc/systemd/system/
RUN useradd --system --shell /usr/sbin/nologin portico && mkdir /etc/portico
STOPSIGNAL SIGRTMIN+3
CMD ["/lib/systemd/systemd"]
