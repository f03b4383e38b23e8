"""The peer of `npm run bench` in PyTorch: updates as single-file implementations do them, without waste.

Data stay resident, minibatches are rows by random index, targets blend in place, nothing is read back between updates, and
a loss is differentiated for the parameters that are trained by it alone.

python torch_updates.py --program iql --engine eager --width 256 --batch 256 --threads 1 --observations 17 --actions 6 --rows 100000
"""

import os

# A pool of compilers would stay alive beside what is measured.
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")

import torch  # noqa: E402
from serve import given, serve  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import torch_control  # noqa: E402
import torch_networks  # noqa: E402

programs = {
    "iql": torch_control.iql,
    "td3-bc": torch_control.td3_bc,
    "sac": torch_control.sac,
    "diffusion": torch_networks.diffusion,
    "language-model": torch_networks.language_model,
    "encoder": torch_networks.encoder,
}
flags = given(program=list(programs), engine=["eager", "compile"])
torch.set_num_threads(flags.threads)
torch.set_num_interop_threads(1)
torch.manual_seed(0)

update, trained, cycle = programs[flags.program](flags)
plain = update
if flags.engine == "compile":
    # Whole updates: the graph breaks at each backward pass, and optimisers are compiled with what is around them.
    torch._dynamo.config.cache_size_limit = 64
    update = torch.compile(update)
for _ in range(60 if flags.engine == "compile" else 20):  # compiling again for what it meets later takes some updates
    update()


def products():
    """Multiplications in the products of one update: PyTorch counts a multiplication and its addition as two."""
    with FlopCounterMode(display=False) as counter:
        for _ in range(cycle):
            plain()
    return counter.get_total_flops() / 2 / cycle


how = {"eager": "eager", "compile": "torch.compile"}[flags.engine]
parameters = sum(p.numel() for p in trained)
serve(f"PyTorch {torch.__version__.split('+')[0]}, {how}", update, parameters, products=products)
