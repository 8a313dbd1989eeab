"""Measure Scattering1D against kymatio, in turns, on this machine.

    python nbs/benchmarks/speed.py                    against kymatio; writes nbs/benchmarks/results/scattering-speed.json
    DACL_DATA=… python nbs/benchmarks/speed.py        also all of CinC 2017 to features

Each round runs every contender twice and times the second run, so that a slow moment of the machine hits all of them;
figures are medians over the rounds. It is the ratios that mean something: of each round, the median and the middle half.
They swing from machine to machine, too: the file keeps the main figures of every run (drop them when the arithmetic changes).
"""
import json, os, platform, resource, statistics, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from unittest.mock import patch

import kymatio, numpy as np, scipy, torch, torch.nn.functional as F
from kymatio import Scattering1D as Kymatio
from torch.profiler import profile
from torch.utils._python_dispatch import TorchDispatchMode

from dacl.data import CinC2017, _write, simulate, windows
from dacl.estimator import DACLConfig
from dacl.scattering import Scattering1D, ScatteringConfig, ScatteringTransformer, attend, equalise, scattering_direct

SETTINGS = ((8, 8, 256), (8, 4, 64), (8, 2, 16))
LONG = ((8, 8, 256, 1024), (9, 2, 64, 2048), (10, 8, 1024, 8192), (11, 1, 2048, 8192))    # filters that reach further than the signal is long


def rounds(n, **contenders):
    "Median seconds of each contender, run in turns; of two, also how many times faster the first is, by rounds"
    times = {k: [] for k in contenders}
    for _ in range(n):
        for k,f in contenders.items():
            f()                          # each finds memory as it left it itself, not as the other did
            start = time.perf_counter(); f(); times[k].append(time.perf_counter()-start)
    out = {k: statistics.median(t) for k,t in times.items()}
    if len(times) == 2:
        ratios = sorted(b/a for a,b in zip(*times.values()))
        out |= dict(ratio=statistics.median(ratios), ratio_range=[ratios[len(ratios)//4], ratios[-1-len(ratios)//4]])
    return out


def worst_error(S, J, Q, T, samples):
    "Worst relative L2 error of a path, on ECG, noise, a chirp and an impulse"
    x = [simulate(c, 30, seed=s)[:samples] for s,c in enumerate('NAO~')] + [np.random.default_rng(0).standard_normal(samples), np.sin(np.linspace(0, (.4*samples)**.5, samples)**2), np.eye(samples)[samples//2]]
    x = np.stack(x).astype(np.float32)
    direct = np.stack([scattering_direct(v, J, Q, T) for v in x])
    return float((np.linalg.norm(S(torch.tensor(x)).numpy()-direct, axis=-1)/np.linalg.norm(direct, axis=-1)).max())


def against_kymatio(J, Q, T, n, samples=9000):
    torch.manual_seed(0); x = torch.randn(64, samples)
    ours, theirs = Scattering1D(J, Q=Q, T=T), Kymatio(J, samples, Q, T=T, frontend='torch')
    out = dict(J=J, Q=Q, T=T, samples=samples, paths=len(ours.meta()['order']), worst_path_error=worst_error(ours, J, Q, T, samples))
    for batch in (64, 1):
        out[f'batch_{batch}'] = rounds(n, dacl=lambda: ours(x[:batch]), kymatio_torch=lambda: theirs(x[:batch]))
    if samples < 9000: return out
    numpy, xn = Kymatio(J, samples, Q, T=T, frontend='numpy'), x.numpy()
    out['numpy_batch_64'] = rounds(3, dacl=lambda: ours(x), kymatio_numpy=lambda: numpy(xn))
    out['fft'] = ffts(ours, x)
    return out


class FFTs(TorchDispatchMode):
    "Keeps every FFT that is made, with what it is made of"
    def __init__(self): super().__init__(); self.calls = []
    def __torch_dispatch__(self, f, types, args=(), kwargs=None):
        if 'fft' in f.__name__: self.calls.append((f, [v.clone() if torch.is_tensor(v) else v for v in args]))
        return f(*args, **(kwargs or {}))


def ffts(S, x):
    "How much of the time goes into FFTs, and how long the same FFTs take with nothing between them"
    with profile() as p: S(x)
    own = {e.key: e.self_cpu_time_total for e in p.key_averages()}
    with FFTs() as kept, torch.no_grad(): S(x)
    return dict(share=sum(v for k,v in own.items() if k.startswith('aten::_fft'))/sum(own.values()), calls=len(kept.calls),
                **rounds(21, ffts=lambda: [f(*args) for f,args in kept.calls], whole=lambda: S(x)))


def growth(n):
    "Seconds against length and against batch, at the setting for ECG"
    S = Scattering1D(8, Q=2, T=16)
    by_length = {k: rounds(n, t=lambda: S(torch.randn(1, k)))['t'] for k in (1000, 3000, 9000, 30000, 100000, 300000, 1000000)}
    by_batch = {k: rounds(n, t=lambda: S(torch.randn(k, 9000)))['t'] for k in (1, 2, 4, 8, 16, 32, 64, 128)}
    return dict(length=by_length, batch=by_batch)


def held():
    "GB that this process has held at most"
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1e6


def memory(hours):
    "GB of so many hours in one piece, of their paths, and of all else that is held for them at most"
    S = Scattering1D(8, Q=2, T=16); S(torch.randn(1, 9000))
    x = torch.randn(1, 3600*300*hours); before = held(); y = S(x)
    return dict(hours=hours, recording=x.nbytes/1e9, paths=y.nbytes/1e9, beside=held()-before-y.nbytes/1e9)


def hour():
    x = torch.randn(1, 3600*300)
    ours, theirs = Scattering1D(8, Q=2, T=16), Kymatio(8, x.shape[1], 2, T=16, frontend='torch')
    return rounds(5, dacl=lambda: ours(x), kymatio_torch=lambda: theirs(x))


def attention(T, n):
    "The attention of `ScatteringTransformer` against the same with PyTorch's fused one"
    st = ScatteringTransformer(ScatteringConfig(T=T)); s = st.log(torch.randn(64, 9000), torch.full((64,), 9000)); every = torch.ones(64, s.shape[-1], dtype=torch.bool)
    def fused(h, counts, p, c, heads, scale):
        split = lambda t: t.unflatten(-1, (heads, -1)).transpose(1, 2)
        x = h.mT.contiguous(); q = split(F.layer_norm(x, x.shape[2:]).add_(p))
        y = F.scaled_dot_product_attention(q, q, split(x), counts[:, None, None], scale=scale/q.shape[-1]**.5)
        return torch.add(h, y.transpose(1, 2).flatten(2).mT, alpha=c).mul_(counts[:, None]/(1+c*c)**.5)
    def other():
        with patch('dacl.scattering._look', fused): return attend(s, every)
    assert (other() - attend(s, every)).abs().max() < 1e-3
    return dict(T=T) | rounds(n, plain=lambda: attend(s, every), fused=other)


def dataset(root, T, cores=2):
    "All recordings of CinC 2017 to features with frames of T samples, in a process of its own: each thread takes the next 64 recordings"
    start = time.perf_counter(); data = CinC2017(root); st = ScatteringTransformer(ScatteringConfig(T=T))
    @torch.no_grad()
    def features(i):
        w, lengths, _ = windows([equalise(data[k]) for k in range(i, min(i+64, len(data)))])
        return len(st(torch.tensor(w), torch.tensor(lengths)))
    torch.set_num_threads(1)
    with ThreadPoolExecutor(cores) as pool: n = sum(pool.map(features, range(0, len(data), 64)))
    return dict(T=T, recordings=len(data), windows=n, threads=cores, seconds=time.perf_counter()-start, peak_gb=held(), digest=data.digest)


def processor():
    "Its name and the instructions that torch uses of it"
    info = Path('/proc/cpuinfo'); names = [v.split(':', 1)[1].strip() for v in info.read_text().splitlines() if v.startswith('model name')] if info.exists() else []
    return f'{(names or [platform.processor() or platform.machine()])[0]}, {torch.backends.cpu.get_cpu_capability()}'


def short(run):
    "What is kept of every run"
    return dict(time=run['time'], cpu=run['cpu'], torch=run['versions']['torch'], ratios=[s['batch_64']['ratio'] for s in run['settings']],
                kymatio_seconds=[s['batch_64']['kymatio_torch'] for s in run['settings']], cinc2017_seconds={c['T']: c['seconds'] for c in run.get('cinc2017', [])})


if __name__ == '__main__':
    torch.set_num_threads(2)
    root = os.environ.get('DACL_DATA')
    if sys.argv[1:2] == ['dataset']: print(json.dumps(dataset(root, int(sys.argv[2])))); sys.exit()
    if sys.argv[1:2] == ['memory']: print(json.dumps(memory(int(sys.argv[2])))); sys.exit()
    apart = lambda *what: json.loads(subprocess.run([sys.executable, __file__, *map(str, what)], check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    ours = ScatteringConfig().T, DACLConfig().scattering.T
    out = dict(memory=[apart('memory', h) for h in (1, 4)])    # first, for a process begins with the peak of the one that starts it
    if root: out['cinc2017'] = [apart('dataset', T) for T in ours]
    out |= dict(settings=[against_kymatio(*s, 41) for s in SETTINGS], long=[against_kymatio(*s, 21, samples) for *s,samples in LONG], hour=hour(), growth=growth(5), attention=[attention(T, 21) for T in ours])
    out |= dict(threads=2, cpu=processor(), time=datetime.now(timezone.utc).isoformat(timespec='seconds'),
                versions=dict(torch=torch.__version__, kymatio=kymatio.__version__, numpy=np.__version__, scipy=scipy.__version__))
    for s in out['settings'] + out['long']: print(f"J={s['J']} Q={s['Q']} T={s['T']}, {s['samples']:,} samples: {s['batch_64']['ratio']:.1f} times faster (batch 64), {s['batch_1']['ratio']:.1f} (batch 1), worst path {s['worst_path_error']:.1e}")
    print('hour:', out['hour'], '; attention:', out['attention'], '; data set:', out.get('cinc2017'), '; memory:', out['memory'])
    path = Path(__file__).parent/'results/scattering-speed.json'
    out['runs'] = (json.loads(path.read_text())['runs'] if path.exists() else []) + [short(out)]
    _write(path, lambda f: f.write(json.dumps(out, indent=1).encode()))
