# The dashboard without a database: set GENGXIN_DATABASE_URL, or use compose.yaml, which brings one.
FROM python:3.12-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /venv
COPY requirements/run.txt requirements/run.txt
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY data data
COPY gis gis
COPY migrations migrations
RUN /venv/bin/pip install --no-cache-dir --no-index --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
RUN useradd --system --create-home --uid 10001 gengxin
COPY --from=build /venv /venv
USER 10001
WORKDIR /home/gengxin
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GENGXIN_HOST=0.0.0.0 \
    GENGXIN_PORT=8050
EXPOSE 8050
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['GENGXIN_PORT'] + '/healthz', timeout=4)"]
CMD ["gengxin", "up"]
