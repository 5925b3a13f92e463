# Kadai for production: one image for web, worker, beat and migrate.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements/base.txt requirements/base.txt
RUN /venv/bin/pip install --require-hashes -r requirements/base.txt
COPY . .
RUN KADAI_HOME=/tmp/build KADAI_STATIC_ROOT=/app/staticfiles DJANGO_SECRET_KEY=only-for-building \
    /venv/bin/python manage.py collectstatic --no-input

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 kadai \
    && useradd --uid 10001 --gid kadai --no-create-home --shell /usr/sbin/nologin kadai \
    && install -d -o kadai -g kadai /var/lib/kadai
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KADAI_HOME=/var/lib/kadai \
    KADAI_STATIC_ROOT=/app/staticfiles \
    OMP_NUM_THREADS=1
USER kadai
EXPOSE 8000
CMD ["granian", "config.wsgi:application", "--interface", "wsgi", "--no-ws", "--http", "1", \
     "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", \
     "--respawn-failed-workers", "--log-level", "warning"]
