"""Measure the choices behind the Scattering Transformer by an AF probe on the development folds.

    DACL_DATA=… python nbs/benchmarks/st.py       writes nbs/benchmarks/results/scattering-transformer.json (half an hour)

The probe: mean and standard deviation over time of each path, averaged over the windows of a recording, then logistic regression.
It is fitted on four of the five development folds and scores the fifth; figures are of all held-out scores together. The
standardisation in front of the attention takes its mean and deviation from all development recordings, labels unseen.
A row's difference to the row that it varies comes with a bootstrap interval, paired by recording. The test split stays shut.
Rows that are in the file already, from the same recordings, are not computed again.
"""
import json, os
from datetime import datetime, timezone
from pathlib import Path

import numpy as np, scipy, sklearn, torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dacl.data import CinC2017, _write, per_recording
from dacl.evaluation import bootstrap
from dacl.scattering import ScatteringConfig, ScatteringTransformer, log_frames, pool, positions

RESULTS = Path(__file__).parent/'results/scattering-transformer.json'
START, BASE = dict(eps=5e-3), dict(J=8, Q=2, T=16)  # where the study started from; every setting is on top of `START`
# name: (settings of the scattering, settings of the attention or None, settings of a second scattering beside it or None); 'averaged'
# adds to the pooled features the deviation of frames averaged by so many
PLAIN = {'J=8 Q=2 T=16, no attention': (BASE, None, None)}
SCATTERING = PLAIN | {f'J={J} Q={Q} T={T}': (dict(J=J, Q=Q, T=T), None, None) for J,Q,T in
    ((8, 1, 16), (8, 4, 16), (8, 8, 16), (8, 2, 8), (8, 2, 32), (8, 2, 64), (8, 4, 64), (8, 8, 256), (7, 2, 16), (9, 2, 16), (10, 2, 16))}
SCATTERING |= {'first order only': (BASE | dict(max_order=1), None, None), 'floor ε=0.0005': (BASE | dict(eps=5e-4), None, None), 'floor ε=0.05': (BASE | dict(eps=5e-2), None, None)}
SCATTERING |= {f'beside J={J} Q=1 T={T}': (BASE, None, dict(J=J, Q=1, T=T)) for J,T in ((10, 256), (11, 256), (11, 1024))}
SCATTERING |= {'floor ε=0.00005': (BASE | dict(eps=5e-5), None, None)}
SCATTERING |= {f'deviation of {n} frames averaged, too': (BASE | dict(averaged=n), None, None) for n in (4, 16, 64)}
SCATTERING |= {'the same by 16, beside J=10 Q=1 T=256': (BASE | dict(averaged=16), None, dict(J=10, Q=1, T=256))}
ONE = {'attention, c=1': (BASE, {}, None)}
ATTENTION = ONE | {name: (BASE, a, None) for name,a in {
    'c=0.5': dict(c=.5), 'c=2': dict(c=2), 'no residual': dict(c=1e6), 'no positions': dict(pos=0.), 'positions × 4': dict(pos=4.),
    'scale × 1/4': dict(scale=.25), 'scale × 4': dict(scale=4.), 'scale × 16': dict(scale=16.), '4 heads': dict(heads=4), '8 heads': dict(heads=8), '2 layers': dict(layers=2), '3 layers': dict(layers=3),
    'keys averaged by 4': dict(keys=4), 'keys averaged by 8': dict(keys=8), 'blocks of 10 s': dict(block=188),
    'logarithm after attention': dict(log='after'), 'no logarithm': dict(log='never'),
    '2 heads, blocks of 10 s': dict(heads=2, block=188), '4 heads, blocks of 10 s': dict(heads=4, block=188), '6 heads, blocks of 10 s': dict(heads=6, block=188),
    '4 heads, blocks of 10 s, scale × 4': dict(heads=4, block=188, scale=4.), '4 heads, blocks of 10 s, c=2': dict(heads=4, block=188, c=2.),
    '4 heads, blocks of 10 s, no residual': dict(heads=4, block=188, c=1e6)}.items()}
ATTENTION |= {'4 heads, blocks of 10 s, scale × 16': (BASE, dict(heads=4, block=188, scale=16.), None)}
ATTENTION |= {f'4 heads, blocks of 10 s{name}, ε=0.0005': (BASE | dict(eps=5e-4), dict(heads=4, block=188) | a, None) for name,a in
    {'': {}, ', scale × 4': dict(scale=4.), ', scale × 4, c=2': dict(scale=4., c=2.)}.items()}
ATTENTION |= {f'{n} head{"s"*(n > 1)}, blocks of 10 s, scale × 4, ε=0.0005': (BASE | dict(eps=5e-4), dict(heads=n, block=188, scale=4.), None) for n in (1, 2)}
ATTENTION |= {f'4 heads, blocks of {s} s, scale × 4, ε=0.0005': (BASE | dict(eps=5e-4), dict(heads=4, block=n, scale=4.), None) for s,n in ((5, 94), (20, 375))}


def attention(x, valid, c=1., heads=1, scale=1., pos=1., layers=1, keys=1, block=None):
    "Equation (4) with everything that varies, (batch, paths, frames)"
    n, d = x.shape[-1], x.shape[1]
    if block: return torch.cat([attention(a, v, c, heads, scale, pos, layers, keys) for a,v in zip(x.split(block, -1), valid.split(block, -1))], -1)
    h, m = x.transpose(1, 2).contiguous(), valid[..., None].float()
    split = lambda t: t.unflatten(-1, (heads, -1)).transpose(1, 2)
    average = lambda t: F.avg_pool1d(t.transpose(1, 2), keys, ceil_mode=True).transpose(1, 2)
    for _ in range(layers):
        q = F.layer_norm(h, (d,)) + pos*positions(n, d)
        k, v, ok = q, h, valid
        if keys > 1:
            w = average(m); k, v, ok = average(q*m)/w.clamp(min=1e-6), average(h*m)/w.clamp(min=1e-6), w[..., 0] > 0
        ok = ok.clone(); ok[~ok.any(1)] = True  # a block behind the end: its frames are not counted anyway
        a = F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=ok[:, None, None], scale=scale/(d/heads)**.5)
        h = (h + c*a.transpose(1, 2).flatten(2))/(1+c*c)**.5
    return h.transpose(1, 2)*valid[:, None]


@torch.no_grad()
def features(data, keep, settings, a):
    "Pooled features of the recordings `keep`, (recordings, features)"
    settings = START | settings; averaged = settings.pop('averaged', None); config = ScatteringConfig(**settings)
    frames, lengths, owner = log_frames(data, config)
    st, chosen = ScatteringTransformer(config), np.flatnonzero(np.isin(owner, keep))
    if a is None: log, a = 'before', None
    else: a = dict(a); log = a.pop('log', 'before')
    def batches():
        for i in np.array_split(chosen, len(chosen)//64):
            x, l = torch.tensor(frames[i]).float(), torch.tensor(lengths[i])
            yield (x if log == 'before' else x.exp()), st.valid(l, x.shape[-1])
    n = s1 = s2 = 0
    for x,v in batches():
        if a is None: break
        x = x.transpose(1, 2)[v].double(); n, s1, s2 = n+len(x), s1+x.sum(0), s2+(x**2).sum(0)
    out = []
    for x,v in batches():
        if a is not None:
            mean, std = s1/n, (s2/n - (s1/n)**2).clamp(min=1e-8).sqrt()
            x = (x.double() - mean[:, None])/std[:, None]
            x = attention(x.float()*v[:, None], v, **a)
            if log == 'after': x = torch.log((x.double()*std[:, None]*2**.5/2 + mean[:, None]).clamp(min=0).float() + 5e-3)
        out.append(pool(x, v))
        if averaged: # only of frames that are all inside the recording
            slow, whole = F.avg_pool1d(x*v[:, None], averaged), F.avg_pool1d(v[:, None].float(), averaged)[:, 0] == 1
            out[-1] = torch.cat([out[-1], pool(slow, whole)[:, st.paths:]], 1)
    H = np.full((len(data), out[0].shape[1]), np.nan); who = np.unique(owner[chosen], return_inverse=True)[1]
    H[keep] = per_recording(torch.cat(out), who)
    return H


def held_out(H, data, keep):
    "Score of each development recording by the probe that did not see its fold"
    score = np.full(len(data), np.nan)
    for train,test in data.folds(5, keep):
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=.1, max_iter=1000)).fit(H[train], data.labels[train] == 'A')
        score[test] = probe.decision_function(H[test])
    return score[keep]


if __name__ == '__main__':
    data = CinC2017(os.environ.get('DACL_DATA')); keep = data.split()[0]; y = data.labels[keep] == 'A'
    old = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    rows = old.get('rows', {}) if old.get('digest') == data.digest else {}
    for table,group in (('scattering', SCATTERING), ('attention', ATTENTION)):
        reference = None
        for name,(settings,a,beside) in group.items():
            if name in rows and reference is not None: continue
            H = features(data, keep, settings, a)
            if beside: H = np.concatenate([H, features(data, keep, beside, None)], 1)
            s = held_out(H, data, keep)
            if reference is None: reference = s
            gain = lambda y,p: roc_auc_score(y, p[:, 0]) - roc_auc_score(y, p[:, 1])
            rows[name] = dict(table=table, settings=settings, attention=a, beside=beside, dim=H.shape[1], auroc=roc_auc_score(y, s),
                              auroc_ci=bootstrap(roc_auc_score, y, s), gain=roc_auc_score(y, s)-roc_auc_score(y, reference), gain_ci=bootstrap(gain, y, np.c_[s, reference]))
            print(f"{name:30} {rows[name]['auroc']:.4f}  {rows[name]['gain']:+.4f} [{rows[name]['gain_ci'][0]:+.4f}, {rows[name]['gain_ci'][1]:+.4f}]", flush=True)
            out = dict(rows=rows, start=START, recordings=len(keep), digest=data.digest, seed=0, time=datetime.now(timezone.utc).isoformat(timespec='seconds'),
                       versions=dict(torch=torch.__version__, numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__))
            _write(RESULTS, lambda f: f.write(json.dumps(out, indent=1).encode()))
