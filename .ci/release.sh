#!/usr/bin/env bash
# What a release consists of, in dist/: the wheel, the source, and a bill of materials of all that the wheel installs.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$python" -m venv "$folder/tools"
"$folder/tools/bin/pip" install --quiet "build>=1.2" "cyclonedx-bom>=7,<8"
rm -rf dist
"$folder/tools/bin/python" -m build --outdir dist .
"$python" -m venv "$folder/installed"
"$folder/installed/bin/pip" install --quiet --constraint requirements/constraints.txt "$(echo dist/*.whl)[${EXTRAS:-all}]"
# The environment of the wheel alone: what builds it is no part of it.
"$folder/tools/bin/cyclonedx-py" environment --pyproject pyproject.toml --output-reproducible \
  --output-format JSON --output-file dist/sbom.json "$folder/installed"
