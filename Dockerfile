# The bot as an image: `docker build -t vpn-diagnose .`; compose.yml shows how to run it.
# `make package` runs the same steps as plain commands, for machines without a container engine.

FROM python:3.13-slim-trixie AS build

# uv comes with hashes like everything else, and never fetches a Python of its own.
ENV UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements-tools.lock ./
RUN python -m venv /tools \
    && /tools/bin/pip install --require-hashes --only-binary :all: -r requirements-tools.lock

# What the bot stands on changes rarely: a layer of its own. Wheels only, so no compiler is needed even here.
COPY requirements.lock ./
RUN /tools/bin/uv venv --python /usr/local/bin/python /opt/vpn-diagnose \
    && /tools/bin/uv pip sync --python /opt/vpn-diagnose --require-hashes --only-binary :all: --compile-bytecode requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY bot bot
RUN /tools/bin/hatchling build --target wheel --directory /wheels \
    && /tools/bin/uv pip install --python /opt/vpn-diagnose --offline --no-deps --compile-bytecode /wheels/*.whl


FROM python:3.13-slim-trixie

LABEL org.opencontainers.image.title="vpn-diagnose" \
      org.opencontainers.image.description="A Slack bot that finds out why a VPN to Alibaba Cloud is down, as the person who asks" \
      org.opencontainers.image.licenses="Apache-2.0"

# The ids are fixed so that an administrator can give the volume's files to them.
# pip and ensurepip go: nothing installs anything here, and an intruder should not either.
RUN groupadd --gid 10001 vpn-diagnose \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin vpn-diagnose \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/vpn-diagnose \
    && python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && rm -rf /usr/local/lib/python3.13/ensurepip

COPY --from=build /opt/vpn-diagnose /opt/vpn-diagnose

# The root file system is meant to be read-only: bytecode is compiled above, and the database is the only file written.
# In a container the address to listen on is the container's own, not its loopback.
ENV PATH=/opt/vpn-diagnose/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VPN_DIAGNOSE_ACCESS_FILE=/etc/vpn-diagnose/access.yml \
    VPN_DIAGNOSE_HOST=0.0.0.0 \
    VPN_DIAGNOSE_PORT=3000 \
    VPN_DIAGNOSE_LOG_FORMAT=json

# The default database is a SQLite file in the working directory, which makes this the one writable volume.
WORKDIR /var/lib/vpn-diagnose
VOLUME /var/lib/vpn-diagnose
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM

# A proxy in the environment must not be asked for our own address, hence the empty ProxyHandler.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f\"http://127.0.0.1:{os.environ['VPN_DIAGNOSE_PORT']}/healthz\", timeout=4)"]

ENTRYPOINT ["vpn-diagnose"]
CMD ["serve"]
