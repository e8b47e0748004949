# One image for web, worker and beat; docker-compose.yml starts each with its own command.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt /tmp/requirements.txt
RUN /venv/bin/pip install --quiet --require-hashes -r /tmp/requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ASKONCE_EMBEDDED=false ASKONCE_VAR=/var/lib/askonce
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*  # train_matcher needs it
RUN useradd --system --uid 10001 --home-dir /var/lib/askonce --create-home --shell /usr/sbin/nologin askonce
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py pyproject.toml ./
COPY config config
COPY sites sites
COPY forms_catalog forms_catalog
COPY capture capture
# These words exist during this step only: settings refuse to load without values, and collecting files uses none of them.
RUN ASKONCE_SECRET_KEY=build ASKONCE_IDENTITY_KEY=build ASKONCE_DATABASE=sqlite:////tmp/build.sqlite3 \
    ASKONCE_BROKER=redis://build ASKONCE_HOSTS=build python manage.py collectstatic --noinput --verbosity 0
USER askonce
VOLUME /var/lib/askonce
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "3", "--threads", "4", "--preload", \
     "--bind", "0.0.0.0:8000", "--no-control-socket", "--graceful-timeout", "20", "--access-logfile", "-"]
