"""Is docker-compose.yml sound: its services watched, without root, on a read-only root.

With KADAI_COMPOSE_SCHEMA naming the Compose specification's JSON schema, that too.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import jsonschema
import yaml

OWN = {"migrate", "web", "worker", "beat"}


def problems(compose: dict[str, Any]) -> list[str]:
    found = []
    for name, service in compose["services"].items():
        if "healthcheck" not in service and name != "migrate":
            found.append(f"{name}: no healthcheck")
        if service["image"].endswith(":latest") or ":" not in service["image"]:
            found.append(f"{name}: image {service['image']} names no version")
        if name in OWN and not (service.get("read_only") and service.get("user")):
            found.append(f"{name}: needs read_only and user")
        for other in service.get("depends_on", {}):
            if other not in compose["services"]:
                found.append(f"{name}: depends on {other}, which is not there")
    if set(compose["services"]) < OWN:
        found.append("a service is missing")
    return found


def main() -> int:
    compose = yaml.safe_load(Path("docker-compose.yml").read_text())
    found = problems(compose)
    schema = os.environ.get("KADAI_COMPOSE_SCHEMA")
    if schema:
        validator = jsonschema.Draft202012Validator(json.loads(Path(schema).read_text()))
        found += [
            f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in validator.iter_errors(compose)
        ]
    print("\n".join(found) or "compose file: sound")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
