# clearface as a server. It downloads nothing while it runs, and writes to /tmp alone:
#
#     docker build -t clearface .
#     docker run --rm --read-only --tmpfs /tmp:size=2g --cap-drop ALL --security-opt no-new-privileges \
#         -p 127.0.0.1:8000:8000 clearface

ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN python -m venv /opt/clearface \
    && /opt/clearface/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[heif,queue,s3]' \
    && /opt/clearface/bin/pip uninstall --yes --quiet pip setuptools \
    && /opt/clearface/bin/clearface models --verify

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin clearface
COPY --from=build /opt/clearface /opt/clearface
ENV PATH=/opt/clearface/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TMPDIR=/tmp
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["clearface"]
CMD ["serve", "--host", "0.0.0.0"]
