"""OpenVINO: networks compiled once a process, kept compiled in the cache directory.

OpenVINO's Python package reports its own import to its makers. Nobody's pension
office wants that, so the two modules concerned are kept from loading before the
package itself is imported; nothing here uses them, and the package expects them
to be absent in some installations.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache

import numpy as np

from .models import cache_dir, path_of

for _module in ("openvino_telemetry", "openvino.tools.ovc"):
    sys.modules.setdefault(_module, None)  # type: ignore[arg-type]
import openvino  # noqa: E402


@cache
def _core(process: int) -> openvino.Core:
    """The one Core of this process; ``process`` is its id, so that a fork never uses its parent's."""
    core = openvino.Core()
    core.set_property({"CACHE_DIR": str(cache_dir() / "compiled")})
    return core


@cache
def _compiled(process: int, files: tuple[str, ...], batch: int | None, threads: int):
    core = _core(process)
    model = core.read_model(*files)
    if batch is not None and model.input(0).partial_shape[0] != batch:
        shape = model.input(0).partial_shape
        shape[0] = batch
        model.reshape(shape)
    return core.compile_model(model, "CPU", settings(threads))


def settings(threads: int) -> dict[str, object]:
    """How every network is compiled here; answers are the same on every machine."""
    return {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        # Left to itself, OpenVINO rounds to bfloat16 on the processors that have it: thresholds would hold on
        # the machine they were measured on and nowhere else.
        "INFERENCE_PRECISION_HINT": "f32",
        # Left to itself, it holds whoever asks to the first core, in every process: all would share that one.
        "ENABLE_CPU_PINNING": False,
    }


class Network:
    """A compiled network; may be called from several threads."""

    def __init__(self, compiled: openvino.CompiledModel):
        self._compiled = compiled
        self._local = threading.local()
        self.channels_last = compiled.input(0).shape[-1] == 3

    def __call__(self, values: np.ndarray) -> list[np.ndarray]:
        """The outputs for a float32 input of the network's shape, in the published order."""
        if not hasattr(self._local, "request"):
            self._local.request = self._compiled.create_infer_request()
        self._local.request.infer([values], share_inputs=True)
        return [np.array(output.data) for output in self._local.request.output_tensors]


def network(name: str, threads: int, weights: str | None = None, batch: int | None = None) -> Network:
    """Load a catalogued network for the CPU.

    ``batch`` fixes how many inputs it takes at once, where it is published for another
    number. Raises models.ModelMissing where a file is not in the cache.
    """
    files = tuple(str(path_of(file)) for file in (name, weights) if file)  # which verifies them
    return Network(_compiled(os.getpid(), files, batch, threads))
