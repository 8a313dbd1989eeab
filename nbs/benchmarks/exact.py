"""Measure the scattering transform against its definition on real recordings: how often does a path miss the tolerance?

    DACL_DATA=… python nbs/benchmarks/exact.py        writes nbs/benchmarks/results/scattering-exact.json (half an hour to an hour)

Every fourth recording of the development split, its first 30 s or all of it, alone (where the filters are long, as one even
period) and in blocks, as in a batch with lengths. Every thirteenth is left out: by those the points of an even period were chosen,
with a look at those with k % 13 = 3, which are still among these.
"""
import json, os
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import numpy as np, scipy, torch

from dacl.data import CinC2017, _write
from dacl.scattering import Scattering1D, scattering_direct

SETTINGS, TOLS, LENGTH = ((8, 2, 16), (8, 4, 64), (8, 8, 256)), (1e-3, 3e-4), 9000


def errors(x):
    "Relative L2 error of each path of one recording: {(setting, tol, in blocks)}"
    torch.set_num_threads(1); x, out = torch.tensor(x)[None], {}
    for setting in SETTINGS:
        J, Q, T = setting; direct = scattering_direct(x[0].numpy(), J, Q, T)
        for tol in TOLS:
            S = transforms.setdefault((setting, tol), Scattering1D(J, Q=Q, T=T, tol=tol))
            for blocks in (False, True):
                y = S(x, torch.tensor([x.shape[1]]) if blocks else None)[0].double().numpy()
                out[setting, tol, blocks] = np.linalg.norm(y-direct, axis=-1)/np.linalg.norm(direct, axis=-1)
    return out


def summary(e, names):
    "What is kept of the errors (recordings, paths)"
    i, path = np.unravel_index(e.argmax(), e.shape)
    return dict(recording=names[i], path=int(path), recordings=len(e), paths=e.size, median=np.median(e), rms=(e**2).mean()**.5, most=np.quantile(e, .999), worst=e.max(), above=int((e > 1e-3).sum()), recordings_above=int((e > 1e-3).any(1).sum()))


transforms = {}
if __name__ == '__main__':
    data = CinC2017(os.environ['DACL_DATA'])
    some = [i for k,i in enumerate(data.split()[0]) if k % 4 == 0 and k % 13 != 7]
    x, names = [data[int(i)][:LENGTH].astype(np.float32) for i in some], [str(data.groups[i]) for i in some]
    with ProcessPoolExecutor(2) as pool: e = list(pool.map(errors, x, chunksize=4))
    out = dict(of=[dict(J=J, Q=Q, T=T, tol=tol, blocks=b) | summary(np.stack([v[(J, Q, T), tol, b] for v in e]), names) for J,Q,T in SETTINGS for tol in TOLS for b in (False, True)],
               samples=[min(map(len, x)), max(map(len, x))], digest=data.digest, time=datetime.now(timezone.utc).isoformat(timespec='seconds'),
               versions=dict(torch=torch.__version__, numpy=np.__version__, scipy=scipy.__version__))
    for v in out['of']: print(v)
    _write(Path(__file__).parent/'results/scattering-exact.json', lambda f: f.write(json.dumps(out, indent=1).encode()))
